"""Bounces as mail servers write them (RFC 3464, RFC 6522), each in its own manner."""

from __future__ import annotations

from services.notify.channels import message_ids

KEY = b"a-long-random-text"
DELIVERY = "0190a2b4-7c11-7abc-8def-0123456789ab"
MESSAGE_ID = f"<{DELIVERY}.{message_ids.proof(KEY, DELIVERY)}@tirtajaya.example>"

_LETTER = f"""From: Estafet <estafet@tirtajaya.example>
To: Sri <sri@warga.example>
Subject: =?utf-8?q?=5BTRT-7F3K-92Q=5D_Jalan_rusak?=
Message-ID: {MESSAGE_ID}
References: <ticket.TRT-7F3K-92Q@tirtajaya.example>
"""

_REPORT = """From: {sender}
To: bounces@tirtajaya.example
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="{boundary}"

This is a MIME-encapsulated message.

--{boundary}
{said}

--{boundary}
Content-Type: message/delivery-status

{fields}

--{boundary}
Content-Type: {kind}

{letter}
--{boundary}--
"""


def report(fields: str, **changes: str) -> bytes:
    """A report with these delivery status fields."""
    usual = {
        "sender": "MAILER-DAEMON@mx.warga.example (Mail Delivery System)",
        "subject": "Undelivered Mail Returned to Sender",
        "boundary": "9B0F8A0C1D.1717/mx.warga.example",
        "said": "Content-Type: text/plain; charset=us-ascii\n\nIt could not be delivered.",
        "fields": fields,
        "kind": "text/rfc822-headers",
        "letter": _LETTER,
    }
    return _REPORT.format(**(usual | changes)).encode()


def recipient(action: str, status: str, diagnostic: str = "") -> str:
    """The fields about one recipient."""
    fields = f"Final-Recipient: rfc822; sri@warga.example\nAction: {action}\nStatus: {status}"
    return f"{fields}\nDiagnostic-Code: {diagnostic}" if diagnostic else fields


POSTFIX = report(
    "Reporting-MTA: dns; mx.warga.example\nX-Postfix-Queue-ID: 9B0F8A0C1D\nX-Postfix-Sender: rfc822; "
    "bounces@tirtajaya.example\nArrival-Date: Mon, 30 Nov 2026 09:00:00 +0700 (WIB)\n\n"
    "Final-Recipient: rfc822; sri@warga.example\nOriginal-Recipient: rfc822;sri@warga.example\nAction: failed\n"
    "Status: 5.1.1\nRemote-MTA: dns; mail.warga.example\nDiagnostic-Code: smtp; 550 5.1.1 <sri@warga.example>:\n"
    "    Recipient address rejected: User unknown in local recipient table",
    kind="message/rfc822",
    letter=f"{_LETTER}\nSugeng rawuh.\n",
)

#: Exim knows of each failure that it is one, and leaves the rest to the other server's words.
EXIM = report(
    "Reporting-MTA: dns; mx.warga.example\n\nAction: failed\nFinal-Recipient: rfc822;sri@warga.example\n"
    "Status: 5.0.0\nRemote-MTA: dns; mail.warga.example\nDiagnostic-Code: smtp; 550-5.1.1 no such user here\n"
    " 550 5.1.1 sorry",
    boundary="1717-eximdsn-42",
    kind="message/rfc822",
    letter=f"Return-path: <bounces@tirtajaya.example>\n{_LETTER}\nSugeng rawuh.\n",
)

#: Exchange sends the letter back with a head of its own, and lines that end as its own do.
EXCHANGE = report(
    "Reporting-MTA: dns;PROD01.kantor.example\nReceived-From-MTA: dns;mail.tirtajaya.example\n"
    "Arrival-Date: Mon, 30 Nov 2026 02:00:00 +0000\n\nOriginal-Recipient: rfc822;sri@kantor.example\n"
    "Final-Recipient: rfc822;sri@kantor.example\nAction: failed\nStatus: 5.1.10\n"
    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup\n"
    "X-Display-Name: sri@kantor.example",
    sender="postmaster@kantor.example",
    subject="Undeliverable: [TRT-7F3K-92Q] Jalan rusak",
    boundary="45c8d5a0-f7a1-4b4f-8bb6-2f",
    said='Content-Type: multipart/alternative; boundary="in"\n\n--in\nContent-Type: text/html\n\n<p>no</p>\n--in--',
    kind="message/rfc822",
).replace(b"\n", b"\r\n")

#: Gmail puts pictures into its first part and names the letter in its own head too.
GMAIL = report(
    "Reporting-MTA: dns; googlemail.example\nReceived-From-MTA: dns; bounces@tirtajaya.example\n"
    "Arrival-Date: Sun, 29 Nov 2026 18:00:00 -0800 (PST)\nX-Original-Message-ID: "
    f"{MESSAGE_ID}\n\nFinal-Recipient: rfc822; sri@warga.example\nAction: failed\nStatus: 5.2.2\n"
    "Diagnostic-Code: smtp; 552-5.2.2 The recipient's inbox is out of storage space.\n 552 5.2.2 a12-2005 - gsmtp\n"
    "Last-Attempt-Date: Sun, 29 Nov 2026 18:00:01 -0800 (PST)",
    sender="Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    subject=f"Delivery Status Notification (Failure)\nReferences: {MESSAGE_ID}\nIn-Reply-To: {MESSAGE_ID}",
    boundary="000000000000a1b2c3",
    said='Content-Type: multipart/related; boundary="in"\n\n--in\nContent-Type: text/plain\n\nno\n--in--',
    letter="",
)

#: Not yet; it goes on trying.
DELAYED = report(
    "Reporting-MTA: dns; mx.tirtajaya.example\n\n"
    + recipient("delayed", "4.4.1", "X-Postfix; connect to mail.warga.example: Connection timed out")
    + "\nWill-Retry-Until: Fri, 4 Dec 2026 09:00:00 +0700 (WIB)"
)

#: Somebody is away (RFC 3834): no bounce, though a machine wrote it.
AWAY = f"""From: Sri <sri@warga.example>
To: bounces@tirtajaya.example
Subject: Sedang cuti
Auto-Submitted: auto-replied
In-Reply-To: {MESSAGE_ID}
Content-Type: text/plain

Saya sedang cuti; hubungi 5.1.1.
""".encode()
