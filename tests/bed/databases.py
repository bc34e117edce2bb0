"""A PostgreSQL server that tests make databases in: one that somebody gave us, or the private one."""

import secrets

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url


class Databases:
    """Databases and roles on the server behind `admin`, an SQLAlchemy URL of a role that may create both."""

    def __init__(self, admin: URL | str) -> None:
        self._admin = make_url(admin).set(drivername="postgresql+psycopg")

    def url(self, database: str, user: str | None = None) -> str:
        """The SQLAlchemy URL of one database, for the administrator or `user` (its password is its name)."""
        url = self._admin.set(database=database)
        if user is not None:
            url = url.set(username=user, password=user)
        return url.render_as_string(hide_password=False)

    def create_database(self, name: str, owner: str | None = None, template: str | None = None) -> str:
        """Make a database (and the role `owner`, if new) and return its URL for that owner.

        It is empty, or a copy of `template`, to which nobody may be connected.
        """
        if owner is not None:
            self.create_role(owner)
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if owner is not None:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        self.execute(statement)
        return self.url(name, owner)

    def create_role(self, name: str) -> None:
        """Make a role that may log in, with its own name as password; nothing happens if it is there."""
        known = self.execute(sql.SQL("SELECT 1 FROM pg_roles WHERE rolname = {}").format(sql.Literal(name)))
        if not known:
            self.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(name)))

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whoever is still connected to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def fresh_name(self, prefix: str = "estafet") -> str:
        """A database name that no other test uses."""
        return f"{prefix}_{secrets.token_hex(5)}"

    def execute(self, statement: sql.SQL | sql.Composed) -> list[tuple[object, ...]]:
        """Run one statement as the administrator, outside a transaction; its rows, if it has any."""
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _conninfo(self) -> str:
        return self._admin.set(drivername="postgresql").render_as_string(hide_password=False)
