"""What a template may not do, and that what it is given cannot become markup."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import TemplateError

from services.notify.wording.sandbox import ROOM, Sandbox, rendered


def said(source: str, *, markup: bool = False, **facts: Any) -> str:
    return rendered(Sandbox("id/", {"t.txt": source}, {}, markup=markup).get_template("t.txt"), facts)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ text.format(x=1) }}",
        "{{ text.center(1000000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ things.append(1) }}",
        "{{ table.update({}) }}",
        "{{ table.pop('a') }}",
        "{% for each in range(10) %}x{% endfor %}",
        "{{ lipsum(n=100000) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ text | center(1000000000) }}",
        "{{ text | attr('format') }}",
        "{% include '../../secret-key' %}",
        "{% include 'terms.yaml' %}",
        "{{ nothing }}",
        "{{ table.nothing }}",
        "{% for a in things %}{% for b in things %}{{ text }}{% endfor %}{% endfor %}",
    ],
)
def test_it_may_not(source: str) -> None:
    with pytest.raises(TemplateError):
        said(source, text="x" * 100, things=list(range(100)), table={"a": 1})


def test_it_may_say_what_it_is_given() -> None:
    source = "{% for a, b in table.items() if b %}{{ a }}: {{ b }}{% if not loop.last %}, {% endif %}{% endfor %}"
    assert said(source, table={"a": 1, "b": None, "c": 3}) == "a: 1, c: 3"


def test_it_may_say_as_much_as_there_is_room_for() -> None:
    assert len(said("{{ text }}", text="x" * ROOM)) == ROOM
    with pytest.raises(TemplateError, match="more than"):
        said("{{ text }}.", text="x" * ROOM)


def test_what_it_is_given_is_no_markup() -> None:
    given = "<script>alert('1')</script> & \"x\""
    answer = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &#34;x&#34;"
    assert said('<p title="{{ text }}">{{ text }}</p>', markup=True, text=given) == f'<p title="{answer}">{answer}</p>'
