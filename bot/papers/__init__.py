"""Searching the corpus and showing papers."""
