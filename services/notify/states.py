"""The states of a delivery, each with its meaning, and which may follow which."""

from __future__ import annotations

from services.notify.channels.channel import Fate, Outcome

CREATED = "created"
SENDING = "sending"
SENT = "sent"
DELIVERED = "delivered"
TEMPORARY = "temporary-failure"
PERMANENT = "permanent-failure"
TECHNICAL = "technical-failure"
SUPERSEDED = "superseded"
#: Written by the release before, for any of the three failures; which it was, its error tells.
FAILED = "failed"

MEANINGS = {
    CREATED: "waits to be sent, for the first time or again",
    SENDING: "a sender has it in hand; for longer than a minute only when that sender died",
    SENT: "a provider took it; whether it arrived only the provider can say, and has not (mail servers never say that)",
    DELIVERED: "the provider says that it arrived",
    TEMPORARY: "given up: the reader's side could not take it for three days, or as long as the provider tried",
    PERMANENT: "no channel leads to the reader: there is none, or the address of each was refused for good",
    TECHNICAL: "given up for a fault of ours or of a provider, or since nobody knows whether it went",
    SUPERSEDED: "not sent: its reader had already been told newer news of the report; no event tells of it",
}

#: Nothing is sent any more. From ``sent`` on a provider may still tell more.
ENDED = frozenset({SENT, DELIVERED, TEMPORARY, PERMANENT, TECHNICAL, SUPERSEDED, FAILED})
#: The reader was told.
TOLD = frozenset({SENT, DELIVERED})
FAILURES = frozenset({TEMPORARY, PERMANENT, TECHNICAL, FAILED})
#: Nothing follows: what a provider says later changes nothing.
FINAL = ENDED - {SENT}

#: What a provider may say of a message.
SAID = (DELIVERED, TEMPORARY, PERMANENT)

#: Errors that are nobody's but ours, whatever the reader's address is.
_OURS = ("no-directory", "no-package", "unforeseen", "wording")


def of_failure(outcome: Outcome) -> str:
    """The state of a delivery that ends with this outcome, which is none of success."""
    if outcome.error in _OURS or outcome.fate in (Fate.AWAY, Fate.UNSURE):
        return TECHNICAL
    return PERMANENT if outcome.fate is Fate.FAILED else TEMPORARY


def may_follow(state: str, said: str) -> bool:
    """Whether a provider's word still changes a delivery: what ended for good stays, however late or often it comes."""
    return said in SAID and state not in FINAL
