"""A private IMAP server with one mailbox, by TLS."""

from __future__ import annotations

import imaplib
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
from pathlib import Path
from pwd import getpwnam, getpwuid
from typing import Self

from tests.bed.install import ensure
from tests.bed.process import end, free_port, kill_group, listens, require_alive, wait_until

USER, PASSWORD = "bounces@tirtajaya.example", "p@ss/wörd"

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/output.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{folder}/mail
default_internal_user = {internal}
default_login_user = {internal}
default_internal_group = {group}
auth_failure_delay = 0
first_valid_uid = 1
first_valid_gid = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """A context manager. ``certificates``: a folder with ``proxy.crt``, ``proxy.key`` and ``ca.crt``."""

    def __init__(self, certificates: Path) -> None:
        self._program = ensure(["dovecot"])["dovecot"] / "dovecot"
        self._certificates = certificates
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="estafet-dovecot-"))
        (self._folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
        (self._folder / "mail").mkdir()
        configuration = self._folder / "dovecot.conf"
        configuration.write_text(self._configured())
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", configuration], stdin=subprocess.DEVNULL, start_new_session=True
        )
        wait_until(self._answers, what="Dovecot answering")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end(self._process, how=signal.SIGTERM)
            kill_group(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def log(self) -> str:
        return (self._folder / "output.log").read_text()

    def client(self) -> imaplib.IMAP4:
        """Somebody else who looks into the mailbox."""
        trust = ssl.create_default_context(cafile=self._certificates / "ca.crt")
        client = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=trust, timeout=10)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        return client

    def put(self, *mails: bytes) -> None:
        """Mails that have arrived."""
        client = self.client()
        for mail in mails:
            assert client.append("INBOX", "", None, mail)[0] == "OK"
        client.logout()

    def flags(self) -> list[bytes]:
        """The flags of each mail that is there."""
        client = self.client()
        client.select("INBOX", readonly=True)
        _, found = client.uid("FETCH", "1:*", "(FLAGS)")
        client.logout()
        return [b" ".join(imaplib.ParseFlags(each)) for each in found if isinstance(each, bytes)]

    def _configured(self) -> str:
        """Started by root, others work for it, whom its package makes; else all is done by who started it."""
        root = os.geteuid() == 0
        if root:
            self._folder.chmod(0o755)
            shutil.chown(self._folder / "mail", "mail", "mail")
        owner = getpwnam("mail") if root else getpwuid(os.geteuid())
        return _CONFIGURATION.format(
            folder=self._folder,
            certificate=self._certificates / "proxy.crt",
            key=self._certificates / "proxy.key",
            internal="dovecot" if root else owner.pw_name,
            group="dovecot" if root else os.getgid(),
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            port=self.port,
        )

    def _answers(self) -> bool:
        assert self._process is not None
        require_alive(self._process, self._folder / "output.log", "Dovecot")
        return listens(self.port)
