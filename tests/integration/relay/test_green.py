"""A slow query of one handler stops nobody else in the process: psycopg waits green under the runner's patching."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

TICKS = """
    import estafet.runner  # patches, before anything else is imported
    import sys, time
    import eventlet
    from sqlalchemy import text
    from estafet.relay.database import connect

    longest, last = 0.0, time.monotonic()
    ended = []

    def tick():
        global longest, last
        while True:
            eventlet.sleep(0.01)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    def query(database):
        with database.read() as connection:
            connection.execute(text("select pg_sleep(2)"))
        ended.append(time.monotonic() - began)

    database = connect(sys.argv[1])
    with database.read() as connection:
        connection.execute(text("select 1"))
    began = last = time.monotonic()
    eventlet.spawn(tick)
    slow = [eventlet.spawn(query, database) for _ in range(2)]
    for each in slow:
        each.wait()
    print(longest, max(ended))
"""


BUSY = """
    import estafet.runner
    import sys, time
    import eventlet
    from sqlalchemy import text
    from estafet.relay.database import connect

    longest, last = 0.0, time.monotonic()

    def tick():
        global longest, last
        while True:
            eventlet.sleep(0.01)
            now = time.monotonic()
            longest, last = max(longest, now - last), now

    database = connect(sys.argv[1])
    eventlet.spawn(tick)
    eventlet.sleep(0)
    began = time.monotonic()
    while time.monotonic() < began + 2:
        with database.begin() as connection:
            connection.execute(text("select 1"))
    longest = max(longest, time.monotonic() - last)
    print(longest)
"""


def test_who_writes_on_and_on_to_sqlite_lets_the_others_run(tmp_path: Path) -> None:
    """As a consumer does with a backlog in the embedded form: HTTP goes on, and the process is not taken for hung."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BUSY), f"sqlite:///{tmp_path}/busy.sqlite"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1


def test_a_slow_query_lets_the_others_run(database_url: Callable[[str], str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(TICKS), database_url("slow")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    longest, ended = (float(each) for each in done.stdout.split())
    assert longest < 1, "everything else stood still while a query ran"
    assert 2 <= ended < 3.5, "two queries of 2 s ran one after the other"
