"""Where the servers come from: already here, else installed with apt, else a sentence says what to do."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: program -> the Debian and Ubuntu package that holds it
PACKAGES = {
    "rabbitmq-server": "rabbitmq-server",
    "postgres": "postgresql",
    "spin": "spin",
    "gcc": "gcc libc6-dev",
    "wrk": "wrk",
    "prometheus": "prometheus",
    "node": "nodejs",
    "npm": "npm",
    "chromium": "chromium",
    "dovecot": "dovecot-imapd",
}

#: the servers that tests stand on
SERVERS = ("rabbitmq-server", "postgres")

#: folders outside PATH where distributions keep the programs themselves
FOLDERS = {
    "rabbitmq-server": (
        "/usr/lib/rabbitmq/bin",
        "/usr/local/sbin",
        "/opt/homebrew/sbin",
        "/opt/rabbitmq/sbin",
    ),
    "dovecot": ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"),
    "postgres": ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin"),
}

POLICY = Path("/usr/sbin/policy-rc.d")


class MissingPrograms(RuntimeError):
    """The tests need a program that is not here and could not be installed."""


def ensure(programs: Iterable[str] = SERVERS) -> dict[str, Path]:
    """The folder of each program, after installing with apt (as root, on Debian or Ubuntu) what is missing.

    Raises MissingPrograms with a sentence that says what to install.
    """
    wanted = list(programs)
    if any(find(program) is None for program in wanted):
        with _one_installer_at_a_time():
            missing = [program for program in wanted if find(program) is None]
            if missing:
                _apt_install(missing)
    return {program: _found(program) for program in wanted}


def find(program: str) -> Path | None:
    """The folder that holds `program`; the newest version where several are installed."""
    for pattern in FOLDERS.get(program, ()):
        found = Path("/").glob(f"{pattern.lstrip('/')}/{program}")
        folders = [path.parent for path in found]
        if folders:
            return max(folders, key=_version)
    on_path = shutil.which(program)
    return Path(on_path).resolve().parent if on_path else None


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in "".join(c if c.isdigit() else " " for c in str(folder)).split())


def _found(program: str) -> Path:
    folder = find(program)
    if folder is None:
        raise MissingPrograms(_advice([program]))
    return folder


def _advice(missing: list[str]) -> str:
    packages = " ".join(PACKAGES[program] for program in missing)
    return (
        f"The tests need {' and '.join(missing)}, not found on this machine. Install the packages "
        f"({packages}, for example `sudo apt-get install {packages}`), or, for a server, name a running one in "
        "ESTAFET_TEST_AMQP_URI or ESTAFET_TEST_DATABASE_URL."
    )


def _apt_install(missing: list[str]) -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise MissingPrograms(_advice(missing))
    packages = [package for program in missing for package in PACKAGES[program].split()]
    created = _forbid_service_starts()
    try:
        _apt("update", "-q")
        _apt("install", "-q", "-y", "--no-install-recommends", *packages)
    except subprocess.CalledProcessError as error:
        output = (error.stdout or b"").decode(errors="replace")[-2000:]
        raise MissingPrograms(f"apt-get could not install {packages}:\n{output}\n{_advice(missing)}") from error
    finally:
        if created:
            POLICY.unlink(missing_ok=True)


def _apt(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(
        ["apt-get", *arguments],
        check=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _forbid_service_starts() -> bool:
    """Debian starts a server it installs, unless this file exits with 101. True if we made the file."""
    if POLICY.exists():
        return False
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    return True


@contextmanager
def _one_installer_at_a_time() -> Iterator[None]:
    """Two test runs on a fresh machine must not run apt at once."""
    with (Path(tempfile.gettempdir()) / f"estafet-test-install-{os.geteuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
