"""Every letter to a reader of ours leads to where they choose how to be told; what goes to somebody else does not."""

from __future__ import annotations

from datetime import time

from estafet.relay.work import Works
from services.notify import tokens
from services.notify.channels.channel import Letter
from services.notify.sending.sender import Sender
from tests.integration.notify.conftest import CODE, URL, Hands, arrive, event
from tests.integration.notify.sent import Scripted
from tests.integration.notify.timely import DIGEST, begin, offered, prefer

KEY = b"a-long-random-text"


def sent(works: Works, key: bytes | None = KEY, url: str = URL) -> list[Letter]:
    channel = Scripted()
    Sender(works, channel, url, key=key).run()
    return channel.letters


def link(reader: str) -> str:
    return f"{URL}/preferences/{tokens.sign(KEY, reader)}/page"


def test_letters_to_reporters_and_offices_lead_there_and_an_agencys_do_not(works: Works) -> None:
    begin(works)
    arrive(works, event("ticket.opened", "e-1", 1), offered("e-2", 2), event("referral.packaged", "e-3"))
    letters = {each.recipient: each.wording for each in sent(works)}
    assert len(letters) == 3
    for recipient, reader in (("reporter", CODE), ("lake", "lake")):
        wording = letters.pop(recipient)
        assert wording.text.splitlines().count(link(reader)) == 1
        assert f'href="{link(reader)}"' in wording.html
        assert ">Atur pesan</a>" in wording.html
    [agencys] = letters.values()
    assert "/preferences/" not in agencys.text + agencys.html


def test_digests_lead_there_too(works: Works, clock: Hands) -> None:
    begin(works)
    for reader in ("lake", CODE):
        prefer(works, reader, digest=time(7), language="en")
    arrive(works, offered("e-1", 2, "A"), offered("e-2", 2, "B"))
    arrive(works, event("handoff.accepted", "e-3", 2, sender="desk"), event("note.added", "e-4", 3, public=True))
    assert [each.recipient for each in sent(works)] != ["lake"]
    clock.time = DIGEST
    for each in sent(works):
        reader = "lake" if each.recipient == "lake" else CODE
        assert each.wording.text.splitlines().count(link(reader)) == 1
        assert ">Choose what we send</a>" in each.wording.html


def test_where_there_is_no_page_no_letter_leads_to_one(works: Works) -> None:
    begin(works)
    arrive(works, event("ticket.opened", "e-1", 1))
    assert "/preferences/" not in sent(works, url="http://127.0.0.1:8000")[0].wording.text
