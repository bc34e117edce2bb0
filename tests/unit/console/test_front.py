"""What the first page shows of a look, and that nothing a stranger named is taken for markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from estafet.cli.messages.backlog import Backlog, Queue, Tables, in_order
from estafet.console.drawing import Drawing
from estafet.console.front import Front, front
from estafet.console.looks import Seen
from estafet.relay.triage import Group

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
READ = Queue("evt-tickets-ticket.opened--notify.tell", "notify", consumers=1)
KEPT = Tables("notify", 0, None, 0, 0)
EVIL = "\"><script>alert('x')</script>"


def shown(*queues: Queue, tables: Tables = KEPT, unreachable: dict[str, str] | None = None) -> tuple[Front, str]:
    """What there is on the page, and the page."""
    seen = Seen(in_order(Backlog(NOW, queues, [tables], unreachable or {})), {})
    return front(seen), Drawing("t", "rini").page("front.html", front=front(seen), backlog=seen.backlog)


def test_what_needs_a_person_comes_first() -> None:
    unread = replace(READ, name="evt-unread", ready=7, consumers=0)
    alone = replace(READ, name="evt-alone", consumers=0)
    page, html = shown(READ, alone, unread, tables=replace(KEPT, dead=3))
    assert [(each.need.says, each.names, each.dead) for each in page.wants] == [
        ("nobody reads it: start notify", ["evt-unread", "evt-alone"], False),
        ("decide: estafet deferred list --groups", ["notify"], True),
    ]
    assert html.index("evt-unread, evt-alone") < html.index('<a href="/deferred">look at') < html.index("<h2>Services")
    assert "Nothing needs a person" not in html


def test_a_service_that_is_down_is_one_thing_to_do() -> None:
    page, html = shown(*(replace(READ, name=f"evt-{number}", consumers=0) for number in range(9)))
    assert [len(each.names) for each in page.wants] == [9]
    assert "evt-0, evt-1, evt-2 and 6 more" in html


def test_what_is_empty_is_folded_away() -> None:
    page, html = shown(READ, replace(READ, name="evt-busy", in_per_second=0.2))
    assert {each.queue.name: each.quiet for each in page.lines} == {READ.name: True, "evt-busy": False}
    assert "Nothing needs a person" in html
    assert html.index("evt-busy") < html.index("1 more are empty") < html.index(READ.name)


def test_the_deepest_queue_has_the_longest_bar_and_one_message_can_be_seen() -> None:
    page, _ = shown(replace(READ, ready=20_000), replace(READ, name="evt-one", ready=1), replace(READ, name="evt-none"))
    assert {each.queue.name: each.bar for each in page.lines} == {READ.name: 100, "evt-one": 1, "evt-none": 0}
    page, _ = shown(replace(READ, ready=1))
    assert page.lines[0].bar == 1


def test_what_cannot_be_looked_at_is_said() -> None:
    _, html = shown(unreachable={"tickets": "It is away.", "routing": "It is away.", "broker": "Set it."})
    assert re.search("<b>tickets, routing</b> <span>It is away.</span>", html)
    assert "<b>broker</b> <span>Set it.</span>" in html


def test_what_a_stranger_named_is_no_markup() -> None:
    drawing = Drawing("t", EVIL)
    _, page = shown(replace(READ, name=EVIL, ready=1, consumers=0), unreachable={EVIL: EVIL})
    group = Group(EVIL, EVIL, EVIL, "dead", 1, NOW, NOW, EVIL)
    pages = [
        page,
        drawing.page("deferred.html", groups=[("tickets", group)], unreachable={EVIL: EVIL}),
        drawing.page("group.html", service="tickets", group=group, members=[]),
        drawing.page("trace.html", wanted=EVIL, found=None, failure=EVIL),
        drawing.page("refused.html", title="Not done", sentence=EVIL),
    ]
    for html in pages:
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_no_page_has_a_script_or_a_style_of_its_own() -> None:
    """The content security policy would refuse them."""
    _, html = shown(replace(READ, ready=1))
    assert re.findall("<script[^>]*>", html) == ['<script src="/static/console.js" defer>']
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://", html)
