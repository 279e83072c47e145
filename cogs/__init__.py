"""Slash commands and what they show, one folder for each family."""
