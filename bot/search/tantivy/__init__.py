"""Tantivy as the search engine: the one place that knows it, but for the words and stems of bot/text."""
