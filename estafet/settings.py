"""Settings, from the environment, parsed once and in this place alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

SERVICES = ("tickets", "routing", "notify")

#: Each service's own HTTP port.
PORTS = {"tickets": 8000, "routing": 8001, "notify": 8002}
#: Who signs in at a desk. Apps have tokens; they do not sign in.
DESK_ROLES = ("officer", "coordinator", "auditor", "ops")
#: Who acts for an office: an account or a token of theirs names it, and no other does.
OFFICE_ROLES = ("officer", "coordinator")
#: Which claim of an identity provider may name an account.
OPENID_CLAIMS = ("email", "preferred_username")


class SettingError(ValueError):
    """A setting that cannot be used. The message names the variable and what it should hold."""


@dataclass(frozen=True, slots=True)
class OpenId:
    """The city's identity provider.

    Attributes:
        issuer: its address, exactly as it names itself.
        claim: which of its claims is the name of an account: ``email``, when it is verified, or ``preferred_username``.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What one service, or the embedded three, are told from outside.

    Attributes:
        amqp_uri: the broker; ``memory://`` when embedded; the nodes of a cluster separated by ``;``.
        tls_ca: file with the authorities that may vouch for the broker (``amqps://``), and for the mail server beside
            those this machine trusts; None: only these.
        database_url: the service's database, where ``{service}`` stands for its name; None: a SQLite file per service
            in ``data``.
        management_url: RabbitMQ's management API, ``http://ops:password@host:15672``, for the commands that look into
            the queues; None: they say that they cannot.
        data: folder for what is kept in files: SQLite databases, the secret key, mail nobody sends.
        host: address to listen on.
        ports: HTTP port of each service.
        smtp_url: ``smtp://user:password@host:port`` or ``smtps://...``, several separated by ``;``; None: messages are
            written to ``data/mail``.
        sms, whatsapp, telegram: the providers of text messages, as apprise writes their URLs, in the order in which
            they are asked, separated by ``;``; None: that channel is not used.
        callback_key: key the tokens are derived with that providers show when they say what became of a message; None:
            they are not heard.
        mail_from: sender of the mail.
        bounces_to: address that mail servers tell, later, that they could not deliver a letter; None: the sender.
        bounces_url: the mailbox of that address, ``imaps://user:password@host/INBOX``; None: nobody looks into it.
        wording: folder with the words of letters, such as a city's ``wording``; None: Kediri's.
        public_url: where citizens and officers reach tickets, for links in mail.
        secret_key: key the reporters' secrets are derived with; None: one is made and kept in ``data``.
        limit_address: how many HTTP requests a network address may make without a token, as the package `limits` writes
            it: ``120/minute``, or several, ``20/second;300/minute``.
        limit_token: the same, for each token.
        otlp_endpoint: where traces are sent (OTLP over HTTP); None: nobody traces.
        webhook_networks: where webhooks may go beside public addresses, such as in the house; only there without TLS.
        second_factor: roles that must prove themselves by a second factor when they sign in at a desk.
        openid: the city's identity provider, for signing in at a desk; None: by password alone.
        proxies: how many proxies in a row stand before the services and are believed in ``X-Forwarded-For``.
    """

    amqp_uri: str = field(repr=False)
    tls_ca: Path | None
    database_url: str | None = field(repr=False)
    management_url: str | None = field(repr=False)
    data: Path
    host: str
    ports: Mapping[str, int]
    smtp_url: str | None = field(repr=False)
    sms: str | None = field(repr=False)
    whatsapp: str | None = field(repr=False)
    telegram: str | None = field(repr=False)
    callback_key: str | None = field(repr=False)
    mail_from: str
    bounces_to: str | None
    bounces_url: str | None = field(repr=False)
    wording: Path | None
    public_url: str
    secret_key: str | None = field(repr=False)
    limit_address: str
    limit_token: str
    otlp_endpoint: str | None = field(repr=False)
    webhook_networks: tuple[IPv4Network | IPv6Network, ...]
    second_factor: frozenset[str]
    openid: OpenId | None
    proxies: int

    @property
    def embedded(self) -> bool:
        return self.amqp_uri.startswith("memory:")

    @property
    def one_database(self) -> bool:
        """Whether the database URL is one service's own, so that the others' cannot be told from it."""
        return self.database_url is not None and "{service}" not in self.database_url

    def database(self, service: str) -> str:
        """The SQLAlchemy URL of a service's database."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{(self.data / f'{service}.sqlite').absolute()}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read ``ESTAFET_*``.

    Raises:
        SettingError: a variable holds what cannot be used.
    """
    host, port = _address(environment.get("ESTAFET_HTTP_ADDRESS", "127.0.0.1:8000"))
    offset = port - PORTS["tickets"]
    ports = {service: each + offset for service, each in PORTS.items()}
    return Settings(
        amqp_uri=_broker(environment) or "memory://",
        tls_ca=_file(environment, "ESTAFET_TLS_CA"),
        database_url=_url(environment, "ESTAFET_DATABASE_URL", ("postgresql+psycopg", "sqlite")),
        management_url=_url(environment, "ESTAFET_MANAGEMENT_URL", ("http", "https")),
        data=Path(environment.get("ESTAFET_DATA", ".estafet")),
        host=host,
        ports=ports,
        smtp_url=";".join(_urls(environment, "ESTAFET_SMTP_URL", ("smtp", "smtps"))) or None,
        sms=environment.get("ESTAFET_SMS") or None,
        whatsapp=environment.get("ESTAFET_WHATSAPP") or None,
        telegram=environment.get("ESTAFET_TELEGRAM") or None,
        callback_key=_key(environment, "ESTAFET_CALLBACK_KEY"),
        mail_from=environment.get("ESTAFET_MAIL_FROM", "estafet@localhost"),
        bounces_to=_mailbox(environment, "ESTAFET_BOUNCES_TO"),
        bounces_url=_url(environment, "ESTAFET_BOUNCES_URL", ("imaps",)),
        wording=_folder(environment, "ESTAFET_WORDING"),
        public_url=environment.get("ESTAFET_PUBLIC_URL", f"http://127.0.0.1:{ports['tickets']}").rstrip("/"),
        secret_key=environment.get("ESTAFET_SECRET_KEY"),
        limit_address=environment.get("ESTAFET_LIMIT_ADDRESS", "300/minute"),
        limit_token=environment.get("ESTAFET_LIMIT_TOKEN", "6000/minute"),
        # OpenTelemetry's own name: its exporter reads it, and its fellows, too.
        otlp_endpoint=_url(environment, "OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https")),
        webhook_networks=_networks(environment, "ESTAFET_WEBHOOK_NETWORKS"),
        second_factor=_roles(environment, "ESTAFET_DESK_SECOND_FACTOR"),
        openid=_openid(environment),
        proxies=_count(environment, "ESTAFET_PROXIES"),
    )


def _roles(environment: Mapping[str, str], name: str) -> frozenset[str]:
    roles = frozenset(part.strip() for part in environment.get(name, "").split(",") if part.strip())
    if not roles <= set(DESK_ROLES):
        raise SettingError(f"{name} must be roles separated by commas, of {', '.join(DESK_ROLES)}")
    return roles


def _openid(environment: Mapping[str, str]) -> OpenId | None:
    names = [f"ESTAFET_OIDC_{each}" for each in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")]
    issuer, id, secret = (environment.get(each, "") for each in names)
    if not (issuer or id or secret):
        return None
    missing = [each for each in names if not environment.get(each)]
    if missing:
        raise SettingError(f"{missing[0]} is missing: {', '.join(names)} are set together")
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")):
        raise SettingError("ESTAFET_OIDC_ISSUER must begin with https://, for a secret is sent there")
    claim = environment.get("ESTAFET_OIDC_CLAIM") or OPENID_CLAIMS[0]
    if claim not in OPENID_CLAIMS:
        raise SettingError(f"ESTAFET_OIDC_CLAIM must be one of {', '.join(OPENID_CLAIMS)}")
    return OpenId(issuer, id, secret, claim)


def _networks(environment: Mapping[str, str], name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in environment.get(name, "").split(",") if part.strip())
    except ValueError as error:
        raise SettingError(f"{name} must be networks separated by commas, such as 10.1.0.0/16,fd12::/16") from error


def default_city() -> Path:
    """The folder of Kediri: beside this installation, wherever a command is run from."""
    beside = Path(__file__).resolve().parents[1] / "city" / "kediri"
    here = Path("city") / "kediri"
    return here if here.is_dir() else beside


def _count(environment: Mapping[str, str], name: str) -> int:
    text = environment.get(name, "0")
    if not re.fullmatch("[0-9]{1,2}", text):
        raise SettingError(f"{name} must be a whole number such as 0 or 1, not {text!r}")
    return int(text)


def _broker(environment: Mapping[str, str]) -> str | None:
    """One address, or those of a cluster's nodes, which have to be spoken to alike."""
    name = "ESTAFET_AMQP_URI"
    uris = _urls(environment, name, ("memory", "amqp", "amqps"))
    alike = {(parts.scheme, parts.username, parts.password, parts.path) for parts in map(urlsplit, uris)}
    if len(alike) > 1:
        raise SettingError(f"{name} names several nodes; they must have the scheme, user, password and path in common")
    return ";".join(uris) or None


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    if not value:
        return None
    path = Path(value)
    try:
        path.open("rb").close()
    except OSError as error:
        raise SettingError(f"{name} must name a file that can be read; {value}: {error.strerror}") from error
    return path


def _folder(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    if value and not Path(value).is_dir():
        raise SettingError(f"{name} must name a folder; there is none at {value}")
    return Path(value) if value else None


def _url(environment: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = environment.get(name)
    return _checked(value, name, schemes) if value else None


def _urls(environment: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> list[str]:
    """Several, separated by ``;``."""
    return [_checked(each, name, schemes) for each in environment.get(name, "").split(";") if each]


def _checked(url: str, name: str, schemes: tuple[str, ...]) -> str:
    if urlsplit(url).scheme not in schemes:
        raise SettingError(f"{name} must begin with {' or '.join(f'{each}://' for each in schemes)}")
    return url


def _key(environment: Mapping[str, str], name: str) -> str | None:
    key = environment.get(name)
    if key and len(key) < 32:
        raise SettingError(f"{name} must have at least 32 characters, such as `openssl rand -hex 32` prints")
    return key or None


def _mailbox(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name)
    if value and not re.fullmatch(r"[!-;=?A-~]{1,64}@[A-Za-z0-9.-]{1,253}", value):
        raise SettingError(f"{name} must be one address alone, such as bounces@city.example, not {value!r}")
    return value or None


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65534:
        raise SettingError(f"ESTAFET_HTTP_ADDRESS must look like 127.0.0.1:8000, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)
