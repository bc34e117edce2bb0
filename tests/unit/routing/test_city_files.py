import shutil
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.routing.city.check import PARTS, build
from services.routing.city.error import CityError, Fault
from services.routing.city.files import read
from tests.cities import KEDIRI, WATU, city

ROOT = Path(__file__).parents[3]


def faults_after(tmp_path: Path, *edits: tuple[str, str, str]) -> list[Fault]:
    """What is wrong with Watu after edits (file, old text, new text)."""
    folder = tmp_path / "watu"
    shutil.copytree(WATU, folder)
    for file, old, new in edits:
        text = (folder / file).read_text()
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        (folder / file).write_text(text.replace(old, new))
    with pytest.raises(CityError) as caught:
        read(folder)
    assert str(caught.value) == "\n".join(map(str, caught.value.faults))
    return list(caught.value.faults)


@pytest.mark.parametrize(
    ("file", "old", "new", "entry", "field", "reason"),
    [
        ("offices.yaml", "{code: cove,", "{code: Cove!,", "Cove!", "code", "String does not match"),
        ("offices.yaml", "kind: kecamatan", "kind: shire", "north", "kind", "Must be one of"),
        ("offices.yaml", "name: Ridge, ", "", "ridge", "name", "Missing data"),
        ("offices.yaml", "name: Ridge, ", "nam: Ridge, name: R, ", "ridge", "nam", "Unknown field"),
        ("offices.yaml", "needs: [text]", "needs: [shoe]", "harbour", "needs.0", "Must be one of"),
        ("offices.yaml", "kind: department, parent: clerk,", "kind: department, parent: mayor,", "works", "parent",
         "'mayor' is not in offices.yaml"),
        ("offices.yaml", "kind: department, parent: clerk,", "kind: department, parent: cove,", "works", "parent",
         "'cove' is a kelurahan, which decides for nobody"),
        ("offices.yaml", "kind: department, parent: clerk,", "kind: department,", "works", "parent",
         "is missing; only the top of the ladder has none, and that is council"),
        ("offices.yaml", "Clerk, kind: coordinator, parent: council", "Clerk, kind: coordinator", "clerk", "parent",
         "is missing; only the top"),
        ("offices.yaml", "Council, kind: coordinator", "Council, kind: coordinator, parent: clerk", "council", "parent",
         "the ladder goes in a circle: council -> clerk -> council"),
        ("offices.yaml", "kind: external,", "kind: external, parent: council,", "harbour", "parent", "below nobody"),
        ("offices.yaml", "kind: front-desk", "kind: department", "", "kind", "there is no front-desk"),
        ("offices.yaml", "kind: department, parent: council", "kind: front-desk, parent: council", "watch", "kind",
         "there is one front-desk alone, and hall is it"),
        ("offices.yaml", "{code: ridge, name: Ridge", "{code: cove, name: Ridge", "cove", "code", "is there 2 times"),
        ("offices.yaml", "competence: [paths]", "competence: [paths, kites]", "works", "competence",
         "'kites' is not in services.yaml"),
        ("offices.yaml", "competence: [paths]", "competence: [paths, bribes]", "bribes", "code",
         "is the competence of works, watch: one must own it"),
        ("offices.yaml", "competence: [paths]", "competence: [paths, fences]", "fences", "local",
         "is also the competence of works"),
        ("offices.yaml", ", competence: [paths]", "", "paths", "code", "nobody handles it"),
        ("policy.yaml", "hop_budget: 1", "hop_budget: 1\nretention: {years: 0, basis: law}", "retention", "years",
         "Must be greater than or equal to 1"),
        ("policy.yaml", "hop_budget: 1", "hop_budget: 1\nretention: {years: 5}", "retention", "basis", "Missing data"),
        ("offices.yaml", "kind: front-desk, parent: clerk", "kind: front-desk, parent: clerk, competence: [fences]",
         "hall", "competence", "a front-desk settles nothing itself"),
        ("offices.yaml", "kind: department, parent: clerk", "kind: department, needs: [text], parent: clerk",
         "works", "needs", "only an outside agency"),
        ("services.yaml", "{id: Pagar, en: Fences}", "{id: Pagar}", "fences", "name", "lacks the name in en"),
        ("services.yaml", "hop_budget: 0", "hop_budget: 0, words: {jv: [pager]}", "bribes", "words.jv", "Must be one"),
        ("services.yaml", "hop_budget: 0", "hop_budget: few", "bribes", "hop_budget", "Not a valid integer"),
        ("services.yaml", "deadline: soon, local", "deadline: never, local", "fences", "deadline",
         "'never' is not one of policy.yaml's resolve limits"),
        ("areas.yaml", "office: ridge", "office: moon", "n.2", "office", "'moon' is not in offices.yaml"),
        ("areas.yaml", "office: ridge", "office: clerk", "n.2", "office", "which cannot hold"),
        ("areas.yaml", "code: n.2", "code: n.1", "n.1", "code", "is there 2 times"),
        ("calendar.yaml", "Atlantic/Azores", "Atlantic/Atlantis", "", "timezone", "is not a known time zone"),
        ("calendar.yaml", "timezone:", "country: XX\ntimezone:", "", "country", "no public holidays are known"),
        ("calendar.yaml", "09:00-12:00", "12:00-09:00", "hours", "monday", "must begin before it ends"),
        ("calendar.yaml", "09:00-12:00", "morning", "hours", "monday", "must look like"),
        ("calendar.yaml", "monday:", "moonday:", "hours", "moonday", "Must be one of"),
        ("calendar.yaml", "2026-03-28", "soon", "leave", "0", "Not a valid date"),
        ("policy.yaml", "accept: {limit: 2,", "accept: {limit: two,", "accept", "limit", "not a number"),
        ("policy.yaml", "accept: {limit: 2,", "accept: {limit: 0,", "accept", "limit", "Must be greater than"),
        ("policy.yaml", "soon: {limit: 6, unit: hour", "soon: {limit: 6, unit: week", "resolve.soon", "unit", "Must"),
        ("policy.yaml", "hop_budget: 1", "hop_budget: many", "", "hop_budget", "Not a valid integer"),
        ("policy.yaml", "external_holder: works", "external_holder: hall", "", "external_holder", "cannot hold"),
        ("policy.yaml", "near_percent: 50\n", "", "", "near_percent", "Missing data"),
        ("city.yaml", "code_prefix: WT", "code_prefix: watu", "", "code_prefix", "2 to 5 capital letters"),
        ("city.yaml", "name: Watu", "name: Watu\nemergency_number: 112", "", "emergency_number", "Not a valid string"),
        ("city.yaml", "name: Watu", "name: Watu\nname: Batu", "", "", "is not YAML: 'name' is there twice in line 3"),
        ("city.yaml", "name: Watu", "name: [Watu", "", "", "is not YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_entry_and_field(
    tmp_path: Path, file: str, old: str, new: str, entry: str, field: str, reason: str
) -> None:
    faults = faults_after(tmp_path, (file, old, new))
    assert [f for f in faults if (f.entry, f.field) == (entry, field) and reason in f.reason], faults


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    faults = faults_after(
        tmp_path,
        ("offices.yaml", "kind: kecamatan", "kind: shire"),
        ("areas.yaml", "office: ridge", "office: moon"),
        ("policy.yaml", "accept: {limit: 2,", "accept: {limit: two,"),
        ("calendar.yaml", "Atlantic/Azores", "Atlantic/Atlantis"),
        ("city.yaml", "code_prefix: WT", "code_prefix: watu"),
        ("services.yaml", "{id: Pagar, en: Fences}", "{id: Pagar}"),
    )
    assert {fault.file for fault in faults} == {f"{part}.yaml" for part in PARTS}
    # The offices below the one at fault are not blamed for it.
    assert [fault.entry for fault in faults if fault.file == "offices.yaml"] == ["north"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CityError) as caught:
        read(tmp_path)
    assert {fault.file for fault in caught.value.faults} == {f"{part}.yaml" for part in PARTS}
    assert "No such file" in str(caught.value)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(WATU, tmp_path / "watu")
    (folder / "areas.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(CityError, match=r"areas\.yaml: is not UTF-8 text"):
        read(folder)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("code"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["code", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional={part: json_values for part in PARTS}))
def test_nothing_but_a_city_is_ever_taken_for_one(document: dict[str, object]) -> None:
    with pytest.raises(CityError):
        build({**city(WATU).document, "offices": None, **document})


def test_kediri_has_all_its_kelurahan_and_kecamatan() -> None:
    kinds = [office.kind for office in city(KEDIRI).offices]
    assert (kinds.count("kelurahan"), kinds.count("kecamatan"), kinds.count("front-desk")) == (46, 3, 1)
    areas = {area.code: area.office for area in city(KEDIRI).areas}
    assert len(areas) == 49
    assert areas["35.71.01.1006"] == "kelurahan-bujel"
    assert areas["35.71.03.1007"] == "kelurahan-betet"
    by_district = [sum(code.startswith(f"35.71.0{n}.") for code in areas) for n in (1, 2, 3)]
    assert by_district == [14, 17, 15]


def test_kediris_emergencies_and_confidential_categories() -> None:
    services = city(KEDIRI).services
    assert {each.code for each in services if each.emergency} == {"banjir", "pohon-tumbang"}
    assert {each.code for each in services if each.confidential} == {
        "pungli", "perilaku-petugas", "investasi-mencurigakan", "pinjaman-online-ilegal",
    }  # fmt: skip
    assert all(each.place_required for each in services if each.local)
    assert city(KEDIRI).emergency_number == "112"


def test_kediris_data_holds_no_real_address_or_number() -> None:
    for office in city(KEDIRI).offices:
        assert office.email is not None
        assert office.email.endswith("@kediri.example")
    for path in KEDIRI.glob("*.yaml"):
        assert "+62" not in path.read_text()


def test_nothing_of_kediri_is_in_the_code() -> None:
    known = city(KEDIRI)
    common = {"informasi", "sekolah", "taman", "pasar", "kota"}
    words = {office.code for office in known.offices} | {each.code for each in known.services} | {"kediri", "35.71"}
    for path in (ROOT / "services" / "routing").rglob("*.py"):
        text = path.read_text().lower()
        assert not [word for word in words - common if word in text.split() or f'"{word}"' in text], path


def test_what_a_city_was_made_from_makes_it_again() -> None:
    for folder in (KEDIRI, WATU):
        assert build(yaml.safe_load(yaml.safe_dump(dict(city(folder).document)))) == city(folder)
