"""The search index: derived from the store, may be deleted at any time."""
