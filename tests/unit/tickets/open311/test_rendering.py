"""XML and JSON say the same: what the standard's Spark convention makes of the one is the other."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.open311.rendering import Document, Items, to_json, to_xml

#: Names of lists, so that the convention's reader below can know one that has a single item, or none.
LISTS = {"requests", "attributes", "values", "formats"}

_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)
_values = _texts | st.none()
_things = st.dictionaries(st.sampled_from(["status", "description", "lat", "address_id"]), _values, min_size=1)
_lists = st.lists(_values | _things, max_size=3).map(lambda items: Items("each", items))
_nested = st.dictionaries(st.sampled_from(["status", "description"]), _values).flatmap(
    lambda plain: st.dictionaries(st.sampled_from(sorted(LISTS)), _lists, min_size=1).map(
        lambda lists: {**plain, **lists}
    )
)


def by_convention(element):
    """An XML document as the convention writes it in JSON."""
    if element.tag in LISTS:
        return [by_convention(each) for each in element]
    if len(element):
        return {each.tag: by_convention(each) for each in element}
    return element.text


@given(_lists | _nested)
def test_both_say_the_same(value):
    name = "requests" if isinstance(value, Items) else "definition"
    document = Document(name, value)
    assert json.loads(to_json(document)) == by_convention(ElementTree.fromstring(to_xml(document)))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_list_is_an_array_however_many_are_in_it(count):
    document = Document("requests", Items("request", [{"status": "open"}] * count))
    assert json.loads(to_json(document)) == [{"status": "open"}] * count
    assert len(ElementTree.fromstring(to_xml(document)).findall("request")) == count


def test_what_is_empty_is_null():
    document = Document("request", {"address": None, "description": "", "metadata": False, "lat": 0.0})
    assert json.loads(to_json(document)) == {"address": None, "description": None, "metadata": False, "lat": 0.0}
    element = ElementTree.fromstring(to_xml(document))
    assert [each.text for each in element] == [None, None, "false", "0.0"]


def test_xml_says_its_encoding_and_has_no_namespace():
    text = to_xml(Document("services", Items("service", ["é"])))
    assert text.lower().startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert b"xmlns" not in text
    assert "é".encode() in text


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_whatever_people_write_the_xml_can_be_read(text):
    read = ElementTree.fromstring(to_xml(Document("description", text)))
    assert len(read) == 0
