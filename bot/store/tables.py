"""The tables as SQLAlchemy Core sees them, for statements that load or write many rows."""

from __future__ import annotations

from bot.store import models as _announcement_models  # noqa: F401  # pyright: ignore[reportUnusedImport]
from bot.store import models as _correction_models  # noqa: F401  # pyright: ignore[reportUnusedImport] - and these
from bot.store import models as _source_models  # noqa: F401  # pyright: ignore[reportUnusedImport] - and these
from bot.store.models import SQLModel

_TABLES = SQLModel.metadata.tables

announced_channel = _TABLES["announced_channel"]
attribution = _TABLES["attribution"]
author = _TABLES["author"]
author_identifier = _TABLES["author_identifier"]
author_report = _TABLES["author_report"]
authorship = _TABLES["authorship"]
corpus_import = _TABLES["corpus_import"]
correction = _TABLES["correction"]
correction_paper = _TABLES["correction_paper"]
delivery = _TABLES["delivery"]
enquiry = _TABLES["enquiry"]
followed_source = _TABLES["followed_source"]
lease = _TABLES["lease"]
message = _TABLES["message"]
note = _TABLES["note"]
paper = _TABLES["paper"]
paper_key = _TABLES["paper_key"]
paper_proposal = _TABLES["paper_proposal"]
paper_source = _TABLES["paper_source"]
retired_paper = _TABLES["retired_paper"]
revision = _TABLES["revision"]
seen_entry = _TABLES["seen_entry"]
subscription = _TABLES["subscription"]
subscription_match = _TABLES["subscription_match"]
