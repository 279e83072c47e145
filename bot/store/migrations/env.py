"""How Alembic reaches the database: over the connection that it is handed."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel

from bot.store.models import UtcDateTime


def _render(kind: str, value: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write columns of a new migration in SQLAlchemy's own types, so that it stands when ours change."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, sqlmodel.sql.sqltypes.AutoString):
        return "sa.String()"
    return False


connection: sa.Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
