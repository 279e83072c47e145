"""Who is who: which mentions of names are of one person. Pure functions, without a database."""
