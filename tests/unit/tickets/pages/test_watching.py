"""Open pages are told, bounded in number, and let go."""

import threading

from services.tickets.pages.growing import ReportWatchers


def begun(watchers, code="A", length=1, heartbeat=30.0):
    stream = watchers.told(code, length, heartbeat)
    assert next(stream).startswith(b"retry: ")
    return stream


def test_one_more_than_there_may_be_ends_the_one_open_longest():
    watchers = ReportWatchers(most=2)
    first, second = begun(watchers), begun(watchers)
    third = begun(watchers)
    assert len(watchers) == 2
    assert list(first) == []
    for each in (second, third):
        each.close()
    assert len(watchers) == 0


def test_in_silence_something_is_sent_all_the_same():
    stream = begun(ReportWatchers(), heartbeat=0.01)
    assert next(stream) == b":\n\n"
    stream.close()


def test_the_end_of_the_process_ends_them_all_at_once():
    watchers = ReportWatchers()
    stream = begun(watchers)
    ended = []
    waiting = threading.Thread(target=lambda: ended.extend(stream))
    waiting.start()
    watchers.end()
    waiting.join(timeout=10)
    assert not waiting.is_alive()
    assert ended == []
    assert list(watchers.told("A", 1)) == []
