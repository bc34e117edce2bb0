"""A letter as a mail program gets it: its parts, its thread, and nothing that anybody could add to it."""

from __future__ import annotations

from email import message_from_bytes, policy

from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.channel import SENT
from services.notify.channels.mail import _BOUNDARY, compose
from services.notify.wording.phrasebook import packaged
from services.notify.wording.plain import quoted
from services.notify.wording.rendering import Wording
from services.notify.wording.sandbox import rendered
from tests.integration.notify.mailing import SENDER, Mailbox, Start, letter, send


def test_text_and_html_of_a_report_are_kept_together_and_can_be_stopped(start: Start) -> None:
    mailbox = Mailbox()
    wording = Wording(
        "[TRT-7F3K-92Q] Jalan rusak", "Sugeng rawuh – nggih.\n", "<!DOCTYPE html>\n<p>Sugeng – nggih</p>\n"
    )
    stop = f"https://lapor.tirtajaya.example/letters/stop/TRT-7F3K-92Q/{'x' * 60}"
    channel = start(mailbox)
    assert send(channel, letter(wording=wording, stop=stop), letter(id="0190-other", wording=wording)) == [SENT] * 2
    first, second = mailbox.received
    assert first.get_content_type() == "multipart/alternative"
    assert [each.get_content_type() for each in first.iter_parts()] == ["text/plain", "text/html"]
    for kind in ("plain", "html"):
        part = first.get_body((kind,))
        assert part is not None
        assert "nggih" in part.get_content()
    assert "Sugeng rawuh – nggih." in str(first.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert first["List-Unsubscribe"] == f"<{stop}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second["List-Unsubscribe"] is None
    assert (
        first["References"] == first["In-Reply-To"] == second["References"] == "<ticket.TRT-7F3K-92Q@tirtajaya.example>"
    )
    assert first["Message-ID"] != second["Message-ID"]


def test_a_code_cannot_add_a_header(start: Start) -> None:
    mailbox = Mailbox()
    assert send(start(mailbox), letter(ticket="T\r\nBcc: all@warga.example")) == [SENT]
    assert mailbox.received[0]["Bcc"] is None


@given(st.text(max_size=300))
def test_nobodys_words_end_a_part(words: str) -> None:
    html = rendered(packaged().letter, {**_PAGE, "body": [("quote", [f"{words}{_BOUNDARY}", f"--{_BOUNDARY}--"])]})
    message = compose(letter(wording=Wording("s", quoted(f"{words}\n--{_BOUNDARY}--") + "\n", html)), SENDER)
    parts = list(message_from_bytes(message.as_bytes(), policy=policy.default).iter_parts())  # type: ignore[attr-defined]
    assert [each.get_content_type() for each in parts] == ["text/plain", "text/html"]
    assert parts[1].get_content().replace("\r\n", "\n").rstrip().endswith("</html>")


_PAGE = {"locale": "id", "code": "T", "headline": "H", "steps": [], "footer": [], "button": "B", "stop": "S"}
