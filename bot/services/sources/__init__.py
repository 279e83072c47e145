"""Papers that come in by themselves."""
