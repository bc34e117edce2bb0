"""Rule 7: each act takes the reasons that are its own, and no other act's."""

from datetime import timedelta

import pytest

from estafet.events.reasons import REASONS, reasons_for
from services.tickets import custody
from services.tickets.custody import Refused
from tests.unit.tickets.scene import LATER, act, bound, convened, held, offered
from tests.unit.tickets.town import DIRECTORY

ACTS = {
    "handoff": lambda reason: custody.request(held(), act("jalan"), DIRECTORY, reason=reason, receiver="taman"),
    "convene": lambda reason: custody.request(held(), act("jalan"), DIRECTORY, reason=reason, convene=True),
    "return": lambda reason: custody.give_back(bound("taman"), act("taman"), DIRECTORY, reason=reason),
    "refuse": lambda reason: custody.refuse(offered(), act("jalan"), DIRECTORY, reason=reason),
    "assign": lambda reason: custody.assign(convened(), act("asisten"), DIRECTORY, receiver="hulu", reason=reason),
    "pause": lambda reason: custody.pause(held(), act("jalan"), reason=reason, until=LATER + timedelta(hours=1)),
    "resolve": lambda reason: custody.resolve(held(), act("jalan"), reason=reason),
}
#: Whoever is bound returns it for a reason to convene.
KIND = {"return": "convene"}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_takes_its_own_reasons(name):
    for reason in reasons_for(KIND.get(name, name)):
        assert ACTS[name](reason).said


@pytest.mark.parametrize("name", ACTS)
def test_an_act_takes_no_other_acts_reason_and_none_that_is_unknown(name):
    foreign = {*REASONS, "no-such-reason"} - set(reasons_for(KIND.get(name, name)))
    for reason in foreign:
        with pytest.raises(Refused) as caught:
            ACTS[name](reason)
        assert (caught.value.slug, caught.value.field) == ("invalid", "reason"), reason
