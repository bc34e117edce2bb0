"""What a mail server wrote back is understood in each one's manner, and believed only of a letter of ours."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage, MIMEPart

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels import message_ids
from services.notify.receipts import bounces, parts
from services.notify.receipts.bounces import Bounce, NoBounce, Reason, read
from services.notify.states import DELIVERED, PERMANENT, TEMPORARY
from tests.unit.notify.receipts.returned import (
    AWAY,
    DELAYED,
    DELIVERY,
    EXCHANGE,
    EXIM,
    GMAIL,
    KEY,
    MESSAGE_ID,
    POSTFIX,
    recipient,
    report,
)

MAILS = [POSTFIX, EXIM, EXCHANGE, GMAIL, DELAYED, AWAY]


@pytest.mark.parametrize(
    ("mail", "expected", "state"),
    [
        (POSTFIX, Bounce(DELIVERY, "failed", "5.1.1", no_mailbox=True), PERMANENT),
        (EXIM, Bounce(DELIVERY, "failed", "5.1.1", no_mailbox=True), PERMANENT),
        (EXCHANGE, Bounce(DELIVERY, "failed", "5.1.10", no_mailbox=True), PERMANENT),
        (GMAIL, Bounce(DELIVERY, "failed", "5.2.2"), TEMPORARY),
        (DELAYED, Bounce(DELIVERY, "delayed", "4.4.1"), None),
    ],
    ids=["postfix", "exim", "exchange", "gmail", "delayed"],
)
def test_each_mail_servers_manner_is_understood(mail: bytes, expected: Bounce, state: str | None) -> None:
    assert read(mail, KEY) == expected
    assert expected.state == state
    assert read(mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), KEY) == expected


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "state", "no_mailbox"),
    [
        ("failed", "5.7.1", "smtp; 550 5.7.1 we take no mail from you", PERMANENT, False),
        ("failed", "5.0.0", "smtp; 550 sorry", PERMANENT, True),
        ("failed", "5.0.0", "smtp; 554 5.7.26 unauthenticated", PERMANENT, False),
        ("failed", "5.4.4", "X-Postfix; Host or domain name not found", PERMANENT, False),
        ("failed", "4.4.7", "smtp; 550 4.4.7 QUEUE.Expired", TEMPORARY, False),
        ("failed", "5.4.7", "", TEMPORARY, False),
        ("failed", "5.2.1", "", PERMANENT, True),
        ("Failed (for good)", "5.1.1 (no such user)", "", PERMANENT, True),
        ("failed", "", "", PERMANENT, False),
        ("delivered", "2.0.0", "", DELIVERED, False),
        ("relayed", "2.0.0", "", None, False),
        ("expanded", "2.0.0", "", None, False),
    ],
)
def test_what_the_codes_mean(action: str, status: str, diagnostic: str, state: str | None, no_mailbox: bool) -> None:
    found = read(report(f"Reporting-MTA: dns; mx\n\n{recipient(action, status, diagnostic)}"), KEY)
    assert (found.state, found.no_mailbox) == (state, no_mailbox)


def test_of_several_to_whom_the_readers_server_sent_it_on_the_best_counts() -> None:
    both = f"{recipient('failed', '5.1.1')}\n\n{recipient('delivered', '2.1.5')}"
    assert read(report(f"Reporting-MTA: dns; mx\n\n{both}"), KEY).state == DELIVERED


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (AWAY, Reason.AUTOMATIC),
        (AWAY.replace(b"Auto-Submitted: auto-replied\n", b""), Reason.OTHER),
        (b"", Reason.OTHER),
        (b"\x00\xff" * 100, Reason.OTHER),
        (b"x" * (bounces.MOST_BYTES + 1), Reason.TOO_LARGE),
        (report("Reporting-MTA: dns; mx"), Reason.UNREADABLE),
        (report(recipient("exploded", "5.1.1")), Reason.UNREADABLE),
        # Somebody is complained of (RFC 5965), or has read it (RFC 8098).
        (POSTFIX.replace(b"message/delivery-status", b"message/feedback-report"), Reason.AUTOMATIC),
        (POSTFIX.replace(b"message/delivery-status", b"message/disposition-notification"), Reason.AUTOMATIC),
    ],
)
def test_what_is_no_bounce_says_why(mail: bytes, reason: Reason) -> None:
    with pytest.raises(NoBounce) as error:
        read(mail, KEY)
    assert error.value.reason is reason


@pytest.mark.parametrize(
    "named",
    [
        f"<{DELIVERY}@tirtajaya.example>",
        f"<{DELIVERY}.{'a' * 24}@tirtajaya.example>",
        f"<{DELIVERY}.{message_ids.proof(b'another key', DELIVERY)}@tirtajaya.example>",
        f"<{DELIVERY[:-1]}c.{message_ids.proof(KEY, DELIVERY)}@tirtajaya.example>",
    ],
)
def test_a_forged_bounce_names_no_letter(named: str) -> None:
    """Who knows a delivery's id and its reader's address, as from an event, can say nothing of it."""
    with pytest.raises(NoBounce) as error:
        read(POSTFIX.replace(MESSAGE_ID.encode(), named.encode()), KEY)
    assert error.value.reason is Reason.FOREIGN


def test_a_bounce_that_somebody_forwards_is_none() -> None:
    """Only the mail itself is read, not what is in it."""
    outer = EmailMessage()
    outer["Subject"] = "Fwd: Undelivered"
    outer.set_content("look")
    outer.add_attachment(message_from_bytes(POSTFIX, _class=EmailMessage))
    with pytest.raises(NoBounce):
        read(outer.as_bytes(), KEY)


def test_a_message_id_comes_back_in_whatever_case() -> None:
    assert message_ids.delivery_of(KEY, ["<x@y>", f"<a@b> {MESSAGE_ID.upper()}"]) == DELIVERY


@given(st.uuids().map(str), st.binary(min_size=1, max_size=30))
def test_a_proof_is_good_for_one_delivery_and_key(delivery: str, key: bytes) -> None:
    for other in ((KEY, delivery), (key, DELIVERY)):
        assert (message_ids.proof(*other) == message_ids.proof(KEY, DELIVERY)) is (other == (KEY, DELIVERY))


def _nested(depth: int) -> bytes:
    inner = MIMEPart()
    inner.set_content("x")
    head = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (each, each) for each in range(depth))
    return head + inner.as_bytes()


@pytest.mark.parametrize(
    "mail",
    [
        _nested(18_000),
        b"Content-Type: message/rfc822\n\n" * 30_000,
        POSTFIX.split(b"\n\n", 1)[0] + b"\n\n" + b"--9B0F8A0C1D.1717/mx.warga.example\n\n" * 20_000,
        report("\n\n".join([recipient("failed", "5.1.1")] * 5_000)),
        b"Content-Type: multipart/report" + b"; x=y" * 100_000 + b"\n\n",
        b"References: " + b"<" * 1_000_000 + b"\n\n",
        POSTFIX.replace(MESSAGE_ID.encode(), b"<" * 500_000 + b"0" * 300_000),
        POSTFIX.replace(b"smtp; 550", b"x-" + b"a-" * 400_000),
    ],
    ids=["deep", "letters in letters", "parts", "recipients", "parameters", "brackets", "ids", "diagnostic"],
)
def test_no_mail_costs_more_than_its_length(mail: bytes) -> None:
    """Each would take seconds, or the stack, if it were followed to its end."""
    assert len(mail) <= bounces.MOST_BYTES
    try:
        found = read(mail, KEY)
    except NoBounce:
        return
    assert found.delivery == DELIVERY


@given(st.binary(max_size=2000))
def test_whatever_comes_nothing_else_is_raised(mail: bytes) -> None:
    with pytest.raises(NoBounce):
        read(mail, KEY)


@given(st.data(), st.sampled_from(MAILS))
def test_a_bounce_spoilt_anywhere_is_understood_or_passed_over(draw: st.DataObject, mail: bytes) -> None:
    for _ in range(draw.draw(st.integers(1, 4))):
        begin = draw.draw(st.integers(0, len(mail)))
        end = draw.draw(st.integers(begin, min(len(mail), begin + 200)))
        mail = mail[:begin] + draw.draw(st.binary(max_size=20) | st.sampled_from(_NASTY)) + mail[end:]
    try:
        found = read(mail, KEY)
    except NoBounce:
        return
    assert found.delivery == DELIVERY


_NASTY = [
    b"\r\n\r\n",
    b"--",
    b"Content-Type: multipart/report; boundary*0*=utf-8''%00; boundary*x=;\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: x-uuencode\n\nbegin 666 x\n",
    b'Content-Type: text/plain; charset="\x00"\n',
    b"=?utf-8?q?=00?=",
    MESSAGE_ID.encode(),
]


@given(st.lists(st.tuples(st.sampled_from(["a", "--b", "--b--", "", "c: d"])), max_size=60))
def test_a_mail_is_cut_into_no_more_than_its_parts(lines: list[tuple[str]]) -> None:
    body = "\n".join(line for (line,) in lines)
    found = parts.parts(parts.headers(f'Content-Type: multipart/mixed; boundary="b"\n\n{body}'.encode()))
    before = body.split("--b--")[0].split("\n")
    assert len(found) == min(parts.MOST_PARTS, before.count("--b"))
