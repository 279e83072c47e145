"""Papercord: a Discord bot for the papers of a research group."""

__version__ = "0.1.0"
