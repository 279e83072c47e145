"""The tables as SQLAlchemy Core sees them, for statements that load or write many rows."""

from __future__ import annotations

from bot.store.models import SQLModel

_TABLES = SQLModel.metadata.tables

announced_channel = _TABLES["announced_channel"]
corpus_import = _TABLES["corpus_import"]
delivery = _TABLES["delivery"]
lease = _TABLES["lease"]
message = _TABLES["message"]
paper = _TABLES["paper"]
subscription = _TABLES["subscription"]
subscription_match = _TABLES["subscription_match"]
