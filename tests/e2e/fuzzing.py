"""Requests made from the OpenAPI document, right and wrong ones, by people of every kind; answers held against it."""

from __future__ import annotations

import functools
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from estafet.web.multipart import MEDIA_TYPE
from tests.e2e.system import System

#: Right requests that are refused all the same, because of what the document cannot say: the state of the report, the
#: city's own codes, characters that no text may hold, what is a photo.
BEYOND_THE_DOCUMENT = {
    "mistyped-code",
    "stale",
    "key-reused",
    "named-office",
    "office-cannot-hold",
    "unknown-category",
    "unknown-office",
    "unfit-photo",
}
_UNSAYABLE = ("NUL or half of a surrogate pair", "only printable characters", "not text")
#: Fields whose right value depends on who asks, or on what else is in the request.
_DEPENDENT = {"place", "named", "public", "until", "cursor", "email", "reason", "receiver"}


#: After so many requests there are fresh reports, since acts have moved the others on.
_WORN_OUT = 40


@dataclass
class Person:
    """Somebody who asks: with which headers, given the report it is about."""

    name: str
    headers: Callable[[str], Mapping[str, str]]


@dataclass
class Ground:
    """Reports in every state, and the people around them."""

    system: System
    people: dict[str, Person] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens = self.system.tokens()
        self.auditor = self.system.client(self.tokens["auditor"])
        self.offices = [each["code"] for each in self.auditor.offices()]
        self.categories = [each["code"] for each in self.auditor.services()]
        self.areas = sorted(self.auditor.directory()["areas"])
        self.people = {each.name: each for each in self._people()}

    def reports(self) -> list[str]:
        """Four more reports: offered, held, convened and resolved; all of them of one office and one coordinator."""
        codes = [self._submit() for _ in range(4)]
        for code in codes:
            self.auditor.wait_for(code, lambda each: each["status"] == "offered")
        for code in codes[1:]:
            self._act(code, "accept", {})
        handoff = {"receiver": None, "convene": True, "reason": "offices-disagree"}
        self._act(codes[2], "handoffs", handoff)
        self.auditor.wait_for(codes[2], lambda each: each["status"] == "convened")
        self._act(codes[3], "resolve", {"reason": "fixed"})
        return codes

    def _submit(self) -> str:
        given = self.auditor.using(None).report({"category": "ktp", "text": "KTP saya rusak."})
        self.secrets[given["code"]] = given["secret"]
        return str(given["code"])

    def _act(self, code: str, act: str, body: Mapping[str, Any]) -> None:
        ticket = self.auditor.ticket(code)
        office = (ticket["offered_to"] or ticket["holder"])["code"]
        self.auditor.using(self.tokens[office]).act(code, act, ticket["version"], body)

    def _people(self) -> Iterator[Person]:
        ticket = self.auditor.ticket(self.reports()[2])
        yield Person("nobody", lambda code: {})
        yield Person("reporter", lambda code: {"Estafet-Secret": self.secrets.get(code, "AAAA-AAAA")})
        yield _bearer("officer", self.tokens[ticket["holder"]["code"]])
        yield _bearer("coordinator", self.tokens[ticket["coordinator"]["code"]])
        yield _bearer("auditor", self.tokens["auditor"])
        for role in ("app", "ops"):
            issued = self.system.estafet("token", "issue", role, "--label", "fuzz").stdout
            yield _bearer(role, next(each for each in issued.split() if each.startswith("est_")))


def _bearer(name: str, token: str) -> Person:
    return Person(name, lambda code: {"Authorization": f"Bearer {token}"})


@dataclass
class Tally:
    """What came of it."""

    cases: int = 0
    #: How often each status, with its problem.
    answers: Counter[str] = field(default_factory=Counter)
    failures: dict[str, list[str]] = field(default_factory=dict)

    def note(self, check: str, case: Any, response: Any) -> None:
        found = f"{case.as_curl_command()}\n  {response.status_code} {response.text[:400]}"
        self.failures.setdefault(check, []).append(found)

    def __str__(self) -> str:
        shown = [f"{check}: {len(found)}, such as\n{found[0]}" for check, found in self.failures.items()]
        return "\n".join([f"{self.cases} cases, {dict(sorted(self.answers.items()))}", *shown])


def fuzz(url: str, ground: Ground, person: Person, examples: int) -> Tally:
    """``examples`` requests of each operation of the service at ``url``, with every check there is."""
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    # What a right request was refused for is looked at below, by its problem rather than by its status.
    schema.config.checks.positive_data_acceptance.expected_statuses = ["2xx", "4xx", "503"]
    schema.config.checks.negative_data_rejection.expected_statuses.append("412")
    schema.config.checks.missing_required_header.expected_statuses.extend(["404", "409", "428"])
    tally, codes = Tally(), list[str]()
    for number, found in enumerate(schema.get_all_operations()):
        if number * examples % _WORN_OUT < examples:
            codes = ground.reports()
        _fuzz(found.ok(), ground, person, examples, codes, tally)
    return tally


def _fuzz(operation: Any, ground: Ground, person: Person, examples: int, codes: list[str], tally: Tally) -> None:
    @seed(crc32(f"{operation.label} {person.name}".encode()))  # others for each person, the same each time
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        case = data.draw(cases(operation, ground, codes, person))
        # Said to be ours: a check takes one credential away and would not know that the other is as good.
        ours = {} if _wrong_headers(case) else dict(person.headers(_code_in(case)))
        response = case.call(headers=ours)
        tally.cases += 1
        tally.answers[f"{response.status_code} {_slug(response)}".strip()] += 1
        try:
            case.validate_response(response, headers=ours)
        except FailureGroup as group:
            for failure in group.exceptions:
                if not _is_same_as_right(case, failure):
                    tally.note(type(failure).__name__, case, response)
        if case.meta.generation.mode is GenerationMode.POSITIVE and _is_refused(response):
            tally.note("RightRequestRefused", case, response)

    run()


def _is_same_as_right(case: Any, failure: Exception) -> bool:
    """In a form one file and a list of one, a number and its text are the same bytes: sent, what was wrong is right."""
    return isinstance(failure, AcceptedNegativeData) and case.media_type == MEDIA_TYPE


def _is_refused(response: Any) -> bool:
    """Whether a right request was called wrong for a reason that the document could have given."""
    if response.status_code not in (400, 412, 413, 415, 422):
        return False
    if _slug(response) in BEYOND_THE_DOCUMENT:
        return False
    problem = response.json()
    reasons = [problem["detail"], *(each["reason"] for each in problem.get("errors", ()))]
    if any(each.lower() in reason.lower() for each in _UNSAYABLE for reason in reasons):
        return False
    return not {each["field"].split(".")[0] for each in problem.get("errors", ())} & _DEPENDENT


def _slug(response: Any) -> str:
    if response.status_code < 400:
        return ""
    return str(response.json().get("type", "")).removeprefix("urn:estafet:problem:")


@st.composite
def cases(draw: Callable[..., Any], operation: Any, ground: Ground, codes: list[str], person: Person) -> Any:
    """Of four cases, three are right by the document, and as many are about something that exists."""
    fixed: dict[str, Any] = {}
    if "{code}" in operation.path and draw(_mostly):
        fixed["path_parameters"] = _existing(draw, operation, ground, codes)
        if operation.method == "post":
            version = ground.auditor.ticket(fixed["path_parameters"]["code"])["version"]
            fixed["headers"] = {"If-Match": f'"{version}"'}
    right = operation.as_strategy(GenerationMode.POSITIVE, **fixed).map(functools.partial(_known, draw, ground))
    case = draw(right if draw(_mostly) else operation.as_strategy(GenerationMode.NEGATIVE))
    if _wrong_headers(case):
        return case  # a credential of ours would set some of them right
    headers = dict(case.headers or {})
    if draw(_mostly):
        headers = {name: value for name, value in headers.items() if name not in ("Authorization", "Estafet-Secret")}
    case.headers = {**headers, **person.headers(_code_in(case))}
    return case


def _code_in(case: Any) -> str:
    return str((case.path_parameters or {}).get("code", ""))


def _wrong_headers(case: Any) -> bool:
    headers = case.meta.components.get(ParameterLocation.HEADER)
    return headers is not None and headers.mode is GenerationMode.NEGATIVE


_mostly = st.integers(0, 3).map(lambda number: number < 3)


def _existing(draw: Callable[..., Any], operation: Any, ground: Ground, codes: list[str]) -> dict[str, str]:
    if "/offices/" in operation.path:
        return {"code": draw(st.sampled_from(ground.offices))}
    code = draw(st.sampled_from(codes))
    if "{id}" not in operation.path:
        return {"code": code}
    ticket = ground.auditor.ticket(code)
    ids = [each["id"] for each in (*ticket["handoffs"], *ticket["referrals"])]
    return {"code": code, "id": draw(st.sampled_from([*ids, str(uuid.uuid4())]))}


def _known(draw: Callable[..., Any], ground: Ground, case: Any) -> Any:
    """With codes of this city in the place of invented ones, mostly."""
    known = {"category": ground.categories, "place": ground.areas, "agency": ["bpn", "ojk"]}
    known |= dict.fromkeys(("receiver", "right_office"), ground.offices)
    if isinstance(case.body, dict) and draw(_mostly):
        case.body |= {name: draw(st.sampled_from(known[name])) for name in case.body if name in known}
    return case
