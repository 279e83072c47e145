"""Services that write are tested on SQLite and on PostgreSQL."""

from tests.databases import (  # noqa: F401
    backend,
    database_url,
    desk,
    postgresql,
    prepared_databases,
    settings,
    store,
)
