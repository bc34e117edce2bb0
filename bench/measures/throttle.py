"""Processes held to a share of a core each, by Linux control groups: so that few cores show what many would."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
#: Microseconds: short, so that a process is not kept from an answer for long.
_PERIOD = 10_000


class Unavailable(RuntimeError):
    """No control groups here that we may make."""


@contextmanager
def throttled(pids: Iterable[int], share: float) -> Iterator[None]:
    """Each process gets at most this share of a core.

    Raises:
        Unavailable: it takes root, and the cpu controller (version 1 or 2).
    """
    with ExitStack() as stack:
        for pid in pids:
            stack.enter_context(_limited(pid, int(share * _PERIOD)))
        yield


@contextmanager
def _limited(pid: int, quota: int) -> Iterator[None]:
    parent = _ROOT / "cpu" if (_ROOT / "cpu").is_dir() else _ROOT
    group = parent / f"estafet-bench-{os.getpid()}-{pid}"
    try:
        if parent == _ROOT:
            (parent / "cgroup.subtree_control").write_text("+cpu")
        group.mkdir()
        if parent == _ROOT:
            (group / "cpu.max").write_text(f"{quota} {_PERIOD}")
        else:
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        (group / "cgroup.procs").write_text(str(pid))
    except OSError as error:
        with suppress(OSError):
            group.rmdir()
        raise Unavailable(str(error)) from error
    try:
        yield
    finally:
        with suppress(OSError):  # who ended meanwhile is in no group any more
            (parent / "cgroup.procs").write_text(str(pid))
        group.rmdir()
