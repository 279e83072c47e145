"""The version of the tables: made, compared and migrated."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import Connection
from sqlmodel import Session

from bot.errors import SchemaError
from bot.store.engine import Store
from bot.store.imports import latest_revision

MIGRATIONS = Path(__file__).parent / "migrations"

SCHEMA_VERSIONS = tuple(sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))
"""All versions in their order, by the names of the migrations: compared without loading Alembic."""

# Any number serves, as long as all processes of Papercord take the same one.
_MIGRATION_LOCK = 0x9A9E4C05C


def prepare(store: Store, *, index: Path | None = None, indexed: int | None = None) -> None:
    """Make the tables of an empty database, and refuse one of another version, or one that lost its papers.

    Args:
        store: The database.
        index: The folder of the search index, which was made from the database.
        indexed: The revision of the corpus that it shows; None where there is no usable index. It has
            to be asked for before the database is, which is never behind it.

    Raises:
        SchemaError: The tables are older, newer, incomplete, not Papercord's, or emptied.

    """
    _refuse_emptied(store, index, indexed)
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


def is_older(store: Store) -> bool:
    """Whether the tables are of an older version, which `migrate` brings to this one."""
    with store.reading() as session:
        return _version(store, session.connection()) in SCHEMA_VERSIONS[:-1]


def migrate(store: Store, *, index: Path | None = None, indexed: int | None = None) -> str:
    """Bring the tables to this version, and say in a sentence what was done.

    Several processes may do so at once: one migrates, the others wait and find it done.

    Raises:
        SchemaError: The tables are newer, not Papercord's, or emptied (as for `prepare`).

    """
    _refuse_emptied(store, index, indexed)
    first = _take_step(store)
    if first == SCHEMA_VERSIONS[-1]:
        return f"Nothing to do: the database has schema {first}, which is current."
    if first is None:
        return f"The database was empty: made its tables (schema {SCHEMA_VERSIONS[-1]})."
    while _take_step(store) != SCHEMA_VERSIONS[-1]:
        pass
    return f"Migrated the database from schema {first} to {SCHEMA_VERSIONS[-1]}."


def _take_step(store: Store) -> str | None:
    """Bring the tables to the next version, in one transaction; returns the version before.

    An empty database gets all tables at once: nobody waits for it. Of several processes each takes the
    step that is next, and one that is killed leaves the tables between two steps, where the next goes on.
    """
    with store.writing() as session:
        connection = session.connection()
        if not store.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        version = _version(store, connection)
        if version is not None:
            _refuse_newer(store, version)
        if version is None:
            _upgrade(connection, "head")
        elif version != SCHEMA_VERSIONS[-1]:
            _upgrade(connection, "+1")
    return version


def replaced(session: Session) -> str | None:
    """Why this process has to end: a newer Papercord migrated the database while it ran; None where not."""
    version = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == SCHEMA_VERSIONS[-1]:
        return None
    return (
        f"A newer Papercord migrated the database (schema {version}) while this one (schema "
        f"{SCHEMA_VERSIONS[-1]}) was running: this one ends. Start the newer one."
    )


def _refuse_emptied(store: Store, index: Path | None, indexed: int | None) -> None:
    """Refuse a database without any revision beside an index that was made from one."""
    if not indexed:
        return
    file = store.file
    # SQLite would write to an empty file, and throw away the file of writes ahead beside it.
    if file is not None and not (file.exists() and file.stat().st_size):
        what = "is empty" if file.exists() else "is missing"
    else:
        with store.reading() as session:
            inspector = inspect(session.connection())
            if inspector.has_table("revision"):
                if latest_revision(session) is not None:
                    return
                what = "has no papers"
            else:
                what = "has no tables"
    raise SchemaError(
        f"The database {store.display_url} {what}, but the search index in {index} was made from one with "
        f"papers (revision {indexed:,} of the corpus): restore a backup of the database, or name the right "
        "one in PAPERCORD_DATABASE_URL. Where a new start is meant, delete the folder of the index."
    )


def _version(store: Store, connection: Connection) -> str | None:
    """Read the version of the tables; None where the database has none yet."""
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version is None or not inspector.has_table("revision"):
            raise SchemaError(
                f"The database {store.display_url} lacks tables that Papercord made: restore a backup of it."
            )
        return version
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


def _upgrade(connection: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
