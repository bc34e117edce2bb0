"""Ways to reach a reporter, made comparable: people write the same address and the same number in many ways."""

from __future__ import annotations

import re

#: Numbers written without a country are Indonesian (ITU E.164).
_COUNTRY = "62"

_EMAIL = re.compile(r"[\w.+%'-]+@[\w.-]+")
_PHONE = re.compile(r"(?<!\w)\+?[0-9][0-9 ()./-]{3,30}[0-9](?!\w)")
_TELEGRAM = re.compile(r"""telegram["']?\s*:\s*["']?(-?[0-9]{1,19})(?![0-9])""")
_NO_DIGIT = re.compile(r"\D+")

#: The fields of a report by which its reporter is reached.
WAYS = ("email", "phone", "telegram")

_CHAT = "telegram:"


def email_key(text: str) -> str:
    """Two addresses that reach the same person have the same key; case is told apart by no mail server in use."""
    return text.strip(" .'\n\r\t").casefold()


def phone_key(text: str) -> str:
    """The digits with the country first: 0812-3456-7890 and +62 812 3456 7890 are one number."""
    digits = _NO_DIGIT.sub("", text)
    if text.strip().startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    return _COUNTRY + digits[1:] if digits.startswith("0") else digits


def telegram_key(chat: str) -> str:
    """A chat's id is digits, as a number is, and is none."""
    return f"{_CHAT}{chat}"


def chat_of(key: str) -> str | None:
    """The chat that a key stands for; None: it stands for something else."""
    return key.removeprefix(_CHAT) if key.startswith(_CHAT) else None


def keys_in(text: str) -> set[str]:
    """The keys of everything in a text that looks like an address or a number, or is called a Telegram chat."""
    emails, rest = _EMAIL.findall(text), _EMAIL.sub(" ", text)
    chats, rest = _TELEGRAM.findall(rest), _TELEGRAM.sub(" ", rest)
    keys = {email_key(each) for each in emails} | {phone_key(each) for each in _PHONE.findall(rest)}
    return keys | {telegram_key(each) for each in chats}
