"""The second factor: codes of a telephone (TOTP, RFC 6238), and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import Connection, delete, func, insert, or_, select, update

from services.tickets.reporters import secrets as written
from services.tickets.signin.sealing import seal, unseal
from services.tickets.signin.tables import accounts, recovery_codes, sessions

#: Seconds that a code is shown; those before and after it are taken too, since clocks differ.
STEP = 30
_AROUND = (-1, 0, 1)
_PURPOSE = "second factor"
#: What the telephone calls us.
_ISSUER = "Estafet"
_CODE = re.compile(r"[0-9]{6}")
#: How many, and the bytes of each: 80 bits.
_CODES, _BYTES = 10, 10


def new_secret() -> str:
    """What the telephone is given, in base 32: 160 bits, as RFC 4226 asks for."""
    return pyotp.random_base32()


def link(secret: str, name: str) -> str:
    """What the telephone reads from a picture."""
    return pyotp.TOTP(secret, interval=STEP, name=name, issuer=_ISSUER).provisioning_uri()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that the code is of; None: it is wrong, or not of these minutes."""
    digits = "".join(code.split())
    if not _CODE.fullmatch(digits):
        return None
    telephone = pyotp.TOTP(secret, interval=STEP)
    here = int(now.timestamp()) // STEP
    found = [each for each in _AROUND if hmac.compare_digest(telephone.generate_otp(here + each), digits)]
    return here + found[0] if found else None


def set_up(connection: Connection, key: bytes, account: str, secret: str, step: int) -> list[str]:
    """Ask for codes from now on; answers the recovery codes, which are shown this once. ``step``: it was used up."""
    values = {"factor": seal(key, _PURPOSE, account, secret), "factor_step": step}
    connection.execute(update(accounts).where(accounts.c.id == account).values(**values))
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account == account))
    codes = [_recovery_code() for _ in range(_CODES)]
    connection.execute(insert(recovery_codes), [{"account": account, "hash": written.hashed(each)} for each in codes])
    return codes


def take_off(connection: Connection, account: str) -> bool:
    """Ask for codes no more. False: none was asked for."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account == account))
    off = update(accounts).where(accounts.c.id == account, accounts.c.factor.is_not(None))
    return connection.execute(off.values(factor=None, factor_step=None)).rowcount == 1


def reset(connection: Connection, name: str) -> bool:
    """The telephone is lost: ask for no code, and end every session. False: nothing was asked for."""
    id = connection.execute(select(accounts.c.id).where(accounts.c.name == name)).scalar()
    if id is None or not take_off(connection, id):
        return False
    connection.execute(delete(sessions).where(sessions.c.account == id))
    return True


def prove(connection: Connection, key: bytes, account: str, code: str, now: datetime) -> bool:
    """Whether the code is of the account's telephone, or a recovery code. Then it is used up, for all at once."""
    sealed = connection.execute(select(accounts.c.factor).where(accounts.c.id == account)).scalar()
    secret = unseal(key, _PURPOSE, account, sealed) if sealed else None
    step = step_of(secret, code, now) if secret else None
    if step is not None:
        fresh = or_(accounts.c.factor_step.is_(None), accounts.c.factor_step < step)
        used = update(accounts).where(accounts.c.id == account, accounts.c.factor == sealed, fresh)
        return connection.execute(used.values(factor_step=step)).rowcount == 1
    mine = (recovery_codes.c.account == account, recovery_codes.c.hash == written.hashed(code))
    return sealed is not None and connection.execute(delete(recovery_codes).where(*mine)).rowcount == 1


def codes_left(connection: Connection, account: str) -> int:
    """How many recovery codes were not used yet."""
    counted = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.account == account)
    return connection.execute(counted).scalar_one()


def _recovery_code() -> str:
    return written.written(base64.b32encode(secrets.token_bytes(_BYTES)).decode())
