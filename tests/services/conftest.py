"""Services that write are tested on SQLite and on PostgreSQL."""

from tests.databases import (  # noqa: F401
    app,
    backend,
    database_url,
    postgresql,
    prepared_databases,
    settings,
    store,
)
