"""Addresses that end as they say, for apps to test with. Nothing that is sent to one ever leaves the house."""

from __future__ import annotations

import re

from services.notify.channels.channel import Fate, Outcome

#: Nobody's, and nobody's ever (RFC 2606).
DOMAIN = "simulasi.example"

_DELIVERED = Outcome(Fate.DELIVERED, provider="simulated")
#: As though three days had passed.
_TEMPORARY = Outcome(Fate.LATER, "simulated", "simulated")
_PERMANENT = Outcome(Fate.FAILED, "simulated", "simulated")

_MAILBOXES = {"delivered": _DELIVERED, "temporary-failure": _TEMPORARY, "permanent-failure": _PERMANENT}

#: Under +999, which belongs to no country (ITU-T E.164 keeps it back).
_PHONES = {"+99900000001": _DELIVERED, "+99900000002": _PERMANENT, "+99900000003": _TEMPORARY}

_PHONE = re.compile(r"\+999[0-9]+")


def fate(address: str) -> Outcome | None:
    """What becomes of a message to a simulated address; None: it is a real one.

    ``delivered+anything@simulasi.example`` is as ``delivered@``. One of the domain or the block without a meaning
    fails for good: a mistyped simulated address is nobody's all the same.
    """
    local, _, domain = address.rpartition("@")
    if domain.casefold() == DOMAIN:
        return _MAILBOXES.get(local.partition("+")[0].casefold(), _PERMANENT)
    if _PHONE.fullmatch(address):
        return _PHONES.get(address, _PERMANENT)
    return None


def is_simulated(outcome: Outcome) -> bool:
    """Whether nobody was asked: what such an outcome says is final at once."""
    return outcome.provider == "simulated"
