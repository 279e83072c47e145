"""Imports: files and fetched records become papers of the corpus."""
