"""Who may do what in the databases, asked of a real server that ``deploy/postgres/roles.sh`` prepared."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from estafet.settings import SERVICES
from tests.bed import Postgres

ROLES = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sh"


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """One of its own: the script names roles and databases, and is run once."""
    with Postgres() as server:
        passwords = {f"{service.upper()}_PASSWORD": f"{service}'s own" for service in SERVICES}
        where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "POSTGRES_USER": "postgres"}
        subprocess.run(["sh", ROLES], env={"PATH": os.environ["PATH"], **where, **passwords}, check=True)
        yield server


def _connect(server: Postgres, role: str, database: str) -> psycopg.Connection:
    return psycopg.connect(host="127.0.0.1", port=server.port, user=role, dbname=database, autocommit=True)


@pytest.mark.parametrize("database", [*SERVICES, "postgres", "template1"])
@pytest.mark.parametrize("role", SERVICES)
def test_permissions(server: Postgres, role: str, database: str) -> None:
    """Each role connects to its own database and may make tables there; to no other it even connects."""
    if role == database:
        with _connect(server, role, database) as connection:
            connection.execute("create table mine (id int)")
            connection.execute("drop table mine")
        return
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        _connect(server, role, database)


@pytest.mark.parametrize(
    "statement",
    [
        *(f"set role {other}" for other in SERVICES),
        *(f"grant connect on database {other} to {other}" for other in SERVICES),
        "set role postgres",
        "create role another",
        "create database another",
        "alter role current_user superuser",
        "select pg_read_file('/etc/hostname')",
        "copy (select 1) to program 'true'",
        "select rolpassword from pg_authid",
        "create extension file_fdw",
    ],
)
@pytest.mark.parametrize("role", SERVICES)
def test_permissions_do_not_grow(server: Postgres, role: str, statement: str) -> None:
    """No role becomes another, or reaches past its database."""
    own = {f"set role {role}", f"grant connect on database {role} to {role}"}
    with _connect(server, role, role) as connection:
        if statement in own:
            connection.execute(statement)
            return
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
