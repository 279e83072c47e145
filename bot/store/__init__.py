"""The truth: SQLModel tables on SQLite or PostgreSQL, and every query over them."""
