"""An endpoint that is gone or dead is switched off, and its owner is told once."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

from estafet.relay.work import Works
from services.notify.channels.folder import Folder
from services.notify.webhooks import endpoints
from services.notify.webhooks.notices import send_notices
from services.notify.webhooks.schedule import HOPELESS_AFTER, WAITS
from tests.integration.notify.conftest import Hands
from tests.integration.notify.webhooks.conftest import (
    happen,
    rows,
    sender,
    standing,
    states,
    subscribe,
)
from tests.support.receiver import Receiver


def test_410_switches_off_at_once(works: Works) -> None:
    with Receiver(lambda number: "410") as receiver:
        endpoint = subscribe(works, receiver)
        receiver.secret = ""
        happen(works, 3)
        sender(works).run()
        assert states(works) == ["failed"] * 3
        assert "410" in (standing(works, endpoint).switched_why or "")


def test_a_dead_endpoint_is_switched_off_after_a_day_and_its_owner_is_told_once(
    works: Works, clock: Hands, tmp_path: Path
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and never listens
        endpoint = subscribe(works, f"http://127.0.0.1:{nobody.getsockname()[1]}/hook?key=geheim")
        happen(works, 2)
        sending, channel, began = sender(works), Folder(tmp_path, "estafet@localhost"), clock.time
        for wait in WAITS:
            sending.run()
            assert standing(works, endpoint).off_at is None
            assert send_notices(works, channel) == 0
            clock.forward(wait * 1.25)
        sending.run()
    off = standing(works, endpoint)
    assert off.off_at is not None
    assert off.off_at - began >= HOPELESS_AFTER
    assert off.switched_by == "estafet"
    assert {(row.state, row.attempts) for row in rows(works)} <= {("failed", 11), ("failed", 10)}
    assert [send_notices(works, channel), send_notices(works, channel)] == [1, 0]
    (letter,) = tmp_path.glob("*.eml")
    text = letter.read_text()
    assert "To: tim@app.example" in text
    for expected in ("dimatikan", "no longer send", endpoint.id):
        assert expected in text
    assert "geheim" not in text


def test_a_notice_that_the_mail_server_does_not_take_is_sent_later(works: Works, clock: Hands, tmp_path: Path) -> None:
    endpoint = subscribe(works, "https://app.example/hook")
    with works.begin() as work:
        endpoints.switch_off(work.connection, endpoint.id, "estafet", "silent", work.now, notice_due=work.now)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert send_notices(works, Folder(blocked / "mail", "estafet@localhost")) == 0
    folder = Folder(tmp_path / "mail", "estafet@localhost")
    assert send_notices(works, folder) == 0
    clock.forward(timedelta(minutes=6))
    assert send_notices(works, folder) == 1
