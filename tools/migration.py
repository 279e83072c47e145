"""Write a migration from what the models have and the migrations do not: make migration NAME="add …"."""

from __future__ import annotations

import ast
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.store.engine import Store
from bot.store.schema import MIGRATIONS, SCHEMA_VERSIONS, migrate


def write_migration(name: str) -> Path:
    """Compare the models with a new database of the present version; answers the file that was written."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with tempfile.TemporaryDirectory(prefix="papercord-migration-") as folder:
        store = Store(f"sqlite:///{folder}/papercord.db")
        try:
            migrate(store)
            with store.writing() as session:
                config.attributes["connection"] = session.connection()
                script = command.revision(
                    config, message=name, rev_id=f"{int(SCHEMA_VERSIONS[-1]) + 1:04}", autogenerate=True
                )
        finally:
            store.close()
    assert script is not None
    assert not isinstance(script, list)
    return Path(script.path)


def _does_nothing(migration: Path) -> bool:
    tree = ast.parse(migration.read_text(encoding="utf-8"))
    (upgrade,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade")
    return all(isinstance(step, ast.Pass) for step in upgrade.body)


def main() -> int:
    """Take the name from the command line; the exit code is 2 without one."""
    name = " ".join(sys.argv[1:]).strip()
    if not name:
        print('A migration needs a name: make migration NAME="Add the language of a paper"', file=sys.stderr)
        return 2
    written = write_migration(name)
    print(f"Wrote {written}. Read it, and try it: make test T=tests/store/test_schema.py")
    if _does_nothing(written):
        print("The models and the migrations agree: write into upgrade() what is to change, or delete it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
