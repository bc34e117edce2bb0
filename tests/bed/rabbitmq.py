"""A private RabbitMQ node in a temporary folder, with its own name, cookie, ports and port mapper."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import httpx

from tests.bed.broker import Broker
from tests.bed.install import ensure
from tests.bed.process import end, free_port, free_ports, kill_group, listens, require_alive, wait_until

#: bytes; what our brokers accept in one message
MAX_MESSAGE_SIZE = 262_144

_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management_port}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {prometheus_port}
max_message_size = {max_message_size}
disk_free_limit.absolute = 50MB
log.file = server.log
log.file.level = warning
raft.wal_max_size_bytes = 16777216
collect_statistics_interval = 200
"""

# Beside the plain listener; on a second address, for which there is no certificate.
_TLS = """\
listeners.ssl.1 = 127.0.0.1:{tls_port}
listeners.ssl.2 = 127.0.0.2:{tls_port}
ssl_options.cacertfile = {certificates}/ca.crt
ssl_options.certfile = {certificates}/rabbitmq.crt
ssl_options.keyfile = {certificates}/rabbitmq.key
"""

# Queues tell their counts on a tick (milliseconds; 5,000 unless told): tests wait for them.
_ADVANCED = "[{rabbit, [{quorum_tick_interval, 200}]}].\n"

# The port mapper is ours; Erlang must not leave one running as a daemon.
_ERL = "-start_epmd false"
_ERL_SERVER = _ERL + " +S 2:2 -kernel inet_dist_use_interface {127,0,0,1}"

# Denied already where the broker can: what RabbitMQ announced to remove must not be used by anything of ours.
_CONFIG_4 = """\
deprecated_features.permit.transient_nonexcl_queues = false
deprecated_features.permit.global_qos = false
"""


class RabbitMQ(Broker):
    """A context manager: from `with` on, the node answers; after it, its processes and its folder are gone.

    With a folder of `certificates` (as deploy/certificates.sh makes them) it speaks TLS on `tls_port` as well.

    `stop`, `start` and `kill` act on the same data: a test can take the broker away and bring it back.
    """

    def __init__(self, max_message_size: int = MAX_MESSAGE_SIZE, certificates: Path | None = None) -> None:
        self.port = first = free_ports(4)
        self.management_port, self.prometheus_port, self.tls_port = first + 1, first + 2, first + 3
        super().__init__(f"amqp://guest:guest@127.0.0.1:{self.port}/", f"http://127.0.0.1:{self.management_port}")
        self._bin = ensure(["rabbitmq-server"])["rabbitmq-server"]
        self._max_message_size = max_message_size
        self._certificates = certificates
        self._name = f"estafet-{secrets.token_hex(4)}@localhost"
        self._folder: Path | None = None
        self._node: subprocess.Popen[bytes] | None = None
        self._port_mapper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="estafet-rabbitmq-"))
        self._environment = self._make_environment()
        try:
            self._start_port_mapper()
            self._write_configuration()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        if self._port_mapper is not None:
            kill_group(self._port_mapper)
            self._port_mapper = None
        self.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def start(self) -> None:
        """Start the node on its data and return when it answers."""
        self._node = self._popen([self._bin / "rabbitmq-server"])
        self.wait_ready()

    def stop(self) -> None:
        """Shut the node down as an operator would."""
        if self._node is not None:
            end(self._node, how=signal.SIGTERM, seconds=60)
            kill_group(self._node)
            self._node = None

    def kill(self) -> None:
        """End the node as a power cut would.

        A quorum queue survives this from about two seconds after it was declared; before, RabbitMQ has not
        yet written down where the queue's log is, and every operation on it fails after a minute.
        """
        if self._node is not None:
            kill_group(self._node)
            self._node = None

    def wait_ready(self, seconds: float = 90) -> None:
        """Return when the node accepts AMQP connections and management calls."""
        wait_until(self._answers, seconds=seconds, what="RabbitMQ answering")

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node and return what it printed. Takes a second or two."""
        command = [str(self._bin / "rabbitmqctl"), "-q", "-n", self._name, *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"rabbitmqctl {' '.join(arguments)} failed: {done.stderr or done.stdout}")
        return str(done.stdout)

    def logs(self) -> str:
        """All that the node wrote."""
        files = [self._home / "output.log", *(self._home / "log").rglob("*.log")]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def _answers(self) -> bool:
        assert self._node is not None, "the node is not started"
        require_alive(self._node, self._home / "output.log", "RabbitMQ")
        try:
            node = self._api.get("/nodes").raise_for_status().json()[0]
            listeners = self._api.get("/overview").raise_for_status().json()["listeners"]
        except httpx.HTTPError:
            return False
        return bool(node["running"]) and any(listener["protocol"] == "amqp" for listener in listeners)

    @property
    def _home(self) -> Path:
        assert self._folder is not None, "use RabbitMQ in a `with` statement"
        return self._folder

    def _write_configuration(self) -> None:
        values = vars(self) | {"max_message_size": self._max_message_size}
        text = _CONFIG.format(**values)
        if self._certificates is not None:
            text += _TLS.format(tls_port=self.tls_port, certificates=self._certificates)
        if self._major_version() >= 4:
            text += _CONFIG_4
        (self._home / "rabbitmq.conf").write_text(text)
        (self._home / "advanced.config").write_text(_ADVANCED)
        (self._home / "enabled_plugins").write_text("[rabbitmq_management,rabbitmq_prometheus].\n")
        (self._home / "env.conf").touch()
        cookie = self._home / ".erlang.cookie"
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)

    def _major_version(self) -> int:
        command = [str(self._bin / "rabbitmqctl"), "version"]
        printed = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True)
        return int(printed.stdout.strip().splitlines()[-1].split(".")[0])

    def _make_environment(self) -> dict[str, str]:
        home = self._home
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_CONF_ENV_FILE": str(home / "env.conf"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "data"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "node.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERL_SERVER,
            "RABBITMQ_CTL_ERL_ARGS": _ERL,
            # The start script then becomes the node instead of waiting for it as a parent.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _start_port_mapper(self) -> None:
        port = int(self._environment["ERL_EPMD_PORT"])
        self._port_mapper = self._popen([_port_mapper(), "-port", str(port)])
        wait_until(lambda: listens(port), what="Erlang's port mapper listening")

    def _popen(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        with (self._home / "output.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=self._environment,
                start_new_session=True,
            )


def _port_mapper() -> str:
    """Erlang's epmd; started by us, in the foreground, so that none is left running as a daemon."""
    found = shutil.which("epmd") or next(
        (
            str(path)
            for root in ("/usr/lib/erlang", "/usr/local/lib/erlang")
            for path in Path(root).glob("erts-*/bin/epmd")
        ),
        None,
    )
    if found is None:
        raise RuntimeError("Erlang's epmd was not found beside RabbitMQ; put Erlang's bin folder on PATH.")
    return found
