"""A message's facts in, subject, text and HTML out, in the reader's language.

The words are a city's (:mod:`services.notify.wording.phrasebook`). Each message ends with the line of the relay, how to
follow the report and where to choose how to be told, whatever its template says; its HTML is made of the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from estafet.events.reasons import REASONS
from services.notify.directory import Directory
from services.notify.messages import DIGEST
from services.notify.preferences import stopping
from services.notify.wording.blocks import blocks
from services.notify.wording.filters import office_name
from services.notify.wording.line import Step, line
from services.notify.wording.phrasebook import Language, Phrasebook, packaged
from services.notify.wording.plain import clean, one_line
from services.notify.wording.sandbox import rendered
from services.notify.wording.vocabulary import in_words

_SUBJECT_LIMIT = 150

#: What a message ends with, by whom it is to; an office's has ``_desk``. An office's digest has a link for each report.
_FOOTERS = {"reporter": "_follow", "agency": "", DIGEST: ""}

#: How a report stands, where a message that an earlier release recorded does not say.
_STANDING = {"holder": None, "status": None, "resolve_by": None}


@dataclass(frozen=True, slots=True)
class Wording:
    """What is sent: the same words as text and as HTML, and two lines that are one line whatever the facts were.

    Attributes:
        subject: of a letter; the same in all letters to a reporter about one report.
        brief: what happened, for channels with room for little else. Neither says anything of a confidential report.
    """

    subject: str
    text: str
    html: str = ""
    brief: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """The report a message is about, and where its reader follows it. ``secret`` is for the reporter alone; ``choose``
    is where the reader chooses how to be told, None where one cannot.
    """

    code: str
    category: str
    confidential: bool
    public_url: str
    secret: str | None = None
    choose: str | None = None

    @property
    def link(self) -> str:
        """The report's page. The secret is in the fragment, which no browser sends: it stays out of servers' logs."""
        page = f"{self.public_url}/t/{self.code}"
        return f"{page}#{self.secret}" if self.secret else page

    @property
    def stop(self) -> str | None:
        """Where the reporter stops everyday letters; None where one cannot."""
        return stopping.address(self.public_url, self.code, self.secret) if self.secret else None


def render(
    template: str,
    locale: str,
    facts: Mapping[str, Any],
    about: About,
    directory: Directory,
    book: Phrasebook | None = None,
) -> Wording:
    """Put a message into words. Times in ``facts`` are RFC 3339 texts, as they are stored.

    A template's name ends with whom it is to: ``-reporter``, ``-agency``, or an office in some role.

    Raises:
        jinja2.TemplateError: the template names a fact that is not given, or does what it may not.
        KeyError: there is no such template.
    """
    book = book or packaged()
    language = book.language(locale)
    reader = _reader(template, about)
    given = {**_STANDING, **facts, **_about(about, directory)}
    first, body = _said(language, template, given)
    steps = [_drawn(step, language, directory) for step in line(template, given)]
    ending = _FOOTERS.get(reader, "_desk")
    footers = [ending, "_choose" if about.choose else ""]
    footer = "\n\n".join(clean(language.say(each, given)).strip() for each in footers if each)
    text = "\n\n".join(part for part in (first, body, "\n".join(map(_as_text, steps)), footer) if part)
    html = rendered(
        book.letter,
        {
            "locale": language.locale,
            "code": about.code,
            "headline": first,
            "body": blocks(body, {each["link"]: "button" for each in facts.get("reports", ())}),
            "steps": steps,
            "footer": blocks(footer, {about.link: "button", about.stop or "": "stop", about.choose or "": "choose"}),
            "button": language.terms["button-follow" if about.secret else "button-desk"],
            "stop": language.terms["link-stop"],
            "choose": language.terms["link-choose"],
        },
    )
    brief = language.terms["confidential-subject"] if about.confidential else first
    # By the same subject a mail program keeps a reporter's letters together; an office's says what there is to do.
    alike = reader == "reporter" and not about.confidential
    subject = directory.category_name(about.category, language.locale) if alike else brief
    return Wording(_titled(about.code, subject), f"{text}\n", html, _titled(about.code, brief))


def headline(
    template: str,
    locale: str,
    facts: Mapping[str, Any],
    about: About,
    directory: Directory,
    book: Phrasebook | None = None,
) -> str:
    """What happened, in the line that the message begins with. Raises as :func:`render` does."""
    given = {**_STANDING, **facts, **_about(about, directory)}
    return _said((book or packaged()).language(locale), template, given)[0]


def _said(language: Language, template: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """Headline and body."""
    first, body = language.parted(template, given)
    return one_line(first), clean(body).strip()


def _reader(template: str, about: About) -> str:
    """Whom a message is to. A digest about one report is its reporter's; an office's is about many, and names none."""
    if template == DIGEST:
        return "reporter" if about.code else DIGEST
    return template.rpartition("-")[2]


def _titled(code: str, words: str) -> str:
    return one_line(f"[{code}] {words}" if code else words)[:_SUBJECT_LIMIT]


def _about(about: About, directory: Directory) -> dict[str, Any]:
    return {
        "code": about.code,
        "category": about.category,
        "secret": about.secret,
        "link": about.link,
        "stop": about.stop,
        "choose": about.choose,
        "city": directory.city,
        "emergency": directory.emergency_number if about.category in directory.emergencies else None,
        "directory": directory,
    }


def _drawn(step: Step, language: Language, directory: Directory) -> dict[str, str]:
    note = ""
    if step.reason:
        reason = REASONS.get(step.reason)
        note = getattr(reason, language.locale) if reason else step.reason
    elif step.by:
        due = in_words(datetime.fromisoformat(step.due), directory.timezone, language.locale) if step.due else ""
        note = language.terms[f"by-{step.by}"].replace("{moment}", due)
    label = language.terms[f"line-{step.part}"]
    return {"part": step.part, "label": label, "office": office_name(directory, step.office), "note": note}


def _as_text(step: Mapping[str, str]) -> str:
    told = f"{step['label']}: {step['office']}"
    return f"{told} ({step['note']})" if step["note"] else told
