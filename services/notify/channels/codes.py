"""What a mail server's codes say of an address: three digits (RFC 5321), or enhanced status codes (RFC 3463)."""

from __future__ import annotations

import re

#: There is no such mailbox. Others, 5.7.x above all, say what the server thinks of us.
_NO_MAILBOX = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"))
#: The same without an enhanced code, of a recipient.
_REFUSED = (550, 551, 553)

_ENHANCED = re.compile(r"\s*([245]\.[0-9]{1,3}\.[0-9]{1,3})\b")


def enhanced(said: str) -> str | None:
    """The enhanced status code that a text begins with."""
    found = _ENHANCED.match(said)
    return found[1] if found else None


def no_mailbox(status: str | None, code: int | None) -> bool:
    """Whether a recipient was refused since there is no such mailbox. ``status``, where there is one, says it alone."""
    return status in _NO_MAILBOX if status else code in _REFUSED
