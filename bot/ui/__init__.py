"""The only package below bot/ that imports discord."""
