"""Outside agencies: a child case with its own end, while an office of the city stays the holder."""

from __future__ import annotations

from dataclasses import replace

from services.tickets.custody import checks
from services.tickets.custody.case import WORKED_ON, Act, Case, Moment, Outcome, Referral, Refused, joined, say
from services.tickets.directory import Directory, Office


def refer(case: Case, act: Act, directory: Directory, *, agency: str) -> Outcome:
    """The holder asks an outside agency, which gets only what it needs and the reporter consented to."""
    checks.by_holder(case, act)
    office = _agency(case, directory, agency)
    if any(each.agency == agency and each.open for each in case.referrals):
        raise Refused("referral-open", f"A referral to {agency} is open already. Record its answer first.", "agency")
    shared = _shared(case, office)
    if office.needs and not shared:
        needs = ", ".join(office.needs)
        raise Refused("no-consent", f"{agency} needs {needs}, and the reporter has not consented to share any of it.")
    return _open(case, agency, shared, act, case.custody_message)


def answer(
    case: Case,
    act: Act,
    *,
    referral: str,
    outcome: str,
    receipt: str | None = None,
    words: str | None = None,
) -> Outcome:
    """The holder records what the agency said. ``received`` brings a receipt; ``settled`` and ``declined`` end it."""
    checks.by_holder(case, act)
    found = next((each for each in case.referrals if each.id == referral), None)
    if found is None:
        raise Refused("not-found", f"The report has no referral {referral}.")
    if not found.open:
        raise Refused("closed", f"{found.agency} has answered for good ({found.outcome}). Open a new referral.")
    answered = replace(found, outcome=outcome, receipt=receipt or found.receipt)
    case = replace(case, referrals=tuple(answered if each.id == referral else each for each in case.referrals))
    said = say(
        case,
        "referral.answered",
        act.new_id(),
        found.id,
        referral=found.id,
        agency=found.agency,
        receipt=answered.receipt,
        outcome=outcome,
        words=words,
    )
    return Outcome(case=case, said=(said,), referrals=(answered,))


def consent(case: Case, act: Act, directory: Directory, *, fields: tuple[str, ...]) -> Outcome:
    """The reporter says what may be shared from now on; a referral that waited for it is opened."""
    checks.current(case, act)
    if act.by is not None:
        raise Refused("not-entitled", "Only the reporter can consent, with the report's secret.")
    case = replace(case, consent=joined(fields))
    return Outcome(case=case).then(refer_if_agreed(case, directory, act, case.custody_message))


def refer_if_agreed(case: Case, directory: Directory, moment: Moment, answers: str | None = None) -> Outcome:
    """Open the referral that routing asked for, as soon as the reporter's consent lets it say something."""
    agency = directory.office(case.refer_to) if case.refer_to else None
    # Not after a resolution: it would be held up behind the reporter's back.
    if agency is None or agency.kind != "external" or agency.code in case.named or case.status not in WORKED_ON:
        return Outcome(case=case)
    shared = _shared(case, agency)
    asked = any(each.agency == agency.code for each in case.referrals)
    if asked or (agency.needs and not shared):
        return Outcome(case=case)
    return _open(replace(case, refer_to=None), agency.code, shared, moment, answers)


def _open(case: Case, agency: str, shared: tuple[str, ...], moment: Moment, answers: str | None) -> Outcome:
    referral = Referral(
        id=moment.new_id(),
        agency=agency,
        office=case.holder,
        shared=shared,
        opened=moment.now,
    )
    case = replace(case, referrals=(*case.referrals, referral))
    said = say(
        case,
        "referral.opened",
        referral.id,
        answers,
        referral=referral.id,
        agency=agency,
        office=referral.office,
        fields_shared=list(shared),
    )
    return Outcome(case=case, said=(said,), referrals=(referral,))


def _shared(case: Case, agency: Office) -> tuple[str, ...]:
    return tuple(field for field in agency.needs if field in case.consent)


def _agency(case: Case, directory: Directory, code: str) -> Office:
    office = directory.office(code)
    if office is None:
        raise Refused("unknown-office", f"There is no agency {code}. The directory lists the agencies.", "agency")
    if office.kind != "external":
        raise Refused("invalid", f"{code} is an office of the city. Ask for a handoff instead.", "agency")
    if code in case.named:
        raise Refused("named-office", f"{code} is named in the report and cannot receive it.", "agency")
    return office
