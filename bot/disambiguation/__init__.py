"""Which mentions of names are one person. Pure functions, without a database."""
