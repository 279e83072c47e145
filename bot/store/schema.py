"""The version of the tables: made, compared and migrated."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import Connection

from bot.errors import SchemaError
from bot.store.engine import Store

SCHEMA_VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
"""All versions in their order, as the migrations have them: compared without loading Alembic."""

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number serves, as long as all processes of Papercord take the same one.
_MIGRATION_LOCK = 0x9A9E4C05C


def prepare(store: Store) -> None:
    """Make the tables of an empty database, and refuse one of another version.

    Raises:
        SchemaError: The tables are older, newer, or not Papercord's.

    """
    with store.reading() as session:
        version = _version(store, session.connection())
    if version is None:
        migrate(store)
    elif version != SCHEMA_VERSIONS[-1]:
        _refuse_newer(store, version)
        raise SchemaError(
            f"The database {store.display_url} has an older schema ({version}, this Papercord needs "
            f"{SCHEMA_VERSIONS[-1]}): make a copy of it, then run `papercord migrate`."
        )


def migrate(store: Store) -> str:
    """Bring the tables to this version, and say in a sentence what was done.

    Several processes may do so at once: one migrates, the others wait and find it done.

    Raises:
        SchemaError: The tables are newer, or not Papercord's.

    """
    with store.writing() as session:
        connection = session.connection()
        if not store.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        version = _version(store, connection)
        if version is not None:
            _refuse_newer(store, version)
        if version == SCHEMA_VERSIONS[-1]:
            return f"Nothing to do: the database has schema {version}, which is current."
        _upgrade(connection)
    if version is None:
        return f"The database was empty: made its tables (schema {SCHEMA_VERSIONS[-1]})."
    return f"Migrated the database from schema {version} to {SCHEMA_VERSIONS[-1]}."


def _version(store: Store, connection: Connection) -> str | None:
    """Read the version of the tables; None where the database has none yet."""
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if inspector.has_table("paper") or inspector.has_table("author"):
        raise SchemaError(
            f"The database {store.display_url} holds tables that Papercord did not make; "
            "name an empty database in PAPERCORD_DATABASE_URL."
        )
    return None


def _refuse_newer(store: Store, version: str) -> None:
    if version not in SCHEMA_VERSIONS:
        raise SchemaError(
            f"This Papercord is older than the database {store.display_url} (schema {version}, it knows "
            f"{SCHEMA_VERSIONS[-1]}): install the newer Papercord that made it."
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
