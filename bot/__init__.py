"""Papercord: the paper desk of a research group that lives in Discord."""

__version__ = "0.1.0"
