"""A private PostgreSQL server in a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Literal, Self

import psycopg
from sqlalchemy import URL

from tests.bed.databases import Databases
from tests.bed.install import ensure
from tests.bed.process import end, free_port, require_alive, wait_until

_STOP = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}

# Without fsync a power cut could lose data, but the end of the process, which is all a test causes, cannot.
_FAST = {"fsync": "off", "full_page_writes": "off"}
_ALWAYS = {
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
    # As deployed: else its log repeats the rows that a constraint refused.
    "log_error_verbosity": "terse",
}


class Postgres(Databases):
    """A context manager: from `with` on, the server answers; after it, the process and its folder are gone.

    `durable=True` keeps every safety that production has, for tests that measure or that cut the power.
    Refuses nothing to local connections: every role may connect without its password.
    """

    def __init__(self, durable: bool = False) -> None:
        self.port = free_port()
        super().__init__(
            URL.create(
                "postgresql+psycopg",
                username="postgres",
                host="127.0.0.1",
                port=self.port,
                database="postgres",
            )
        )
        self._settings = _ALWAYS if durable else {**_ALWAYS, **_FAST}
        self._bin = ensure(["postgres"])["postgres"]
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="estafet-postgres-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user, pwd.getpwnam(self._user).pw_gid)
        try:
            self._initdb()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def start(self) -> None:
        """Start the server on its data and return when it answers."""
        options = [word for key, value in self._settings.items() for word in ("-c", f"{key}={value}")]
        with self._log.open("ab") as log:
            self._process = self._popen(
                [self._bin / "postgres", "-D", self._data, "-p", str(self.port), "-k", self._data, *options],
                log,
            )
        wait_until(self._answers, seconds=60, what="PostgreSQL answering")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """End the server: `fast` as an operator would, `immediate` as a crash would."""
        if self._process is not None:
            end(self._process, how=_STOP[mode])
            self._process = None

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop and start on the same port and data."""
        self.stop(mode)
        self.start()

    def logs(self) -> str:
        """All that the server wrote."""
        return self._log.read_text(errors="replace")

    @property
    def _data(self) -> Path:
        assert self._folder is not None, "use Postgres in a `with` statement"
        return self._folder / "data"

    @property
    def _log(self) -> Path:
        return self._data.parent / "server.log"

    def _initdb(self) -> None:
        command: list[str | Path] = [self._bin / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust"]
        with self._log.open("wb") as log:
            process = self._popen([*command, "-E", "UTF8", "--no-locale", "--no-sync"], log)
        if process.wait() != 0:
            require_alive(process, self._log, "initdb")

    def _popen(self, command: list[str | Path], log: object) -> subprocess.Popen[bytes]:
        privileges = {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid} if self._user else {}
        return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            start_new_session=True,
            extra_groups=[] if self._user else None,
            **privileges,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        require_alive(self._process, self._log, "PostgreSQL")
        try:
            psycopg.connect(self._conninfo(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: the user to run it as, or None when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in names)
