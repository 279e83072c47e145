"""Crossref: asked about known papers."""

from __future__ import annotations

from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider

# One list in a second; more for those who say who they are.
CROSSREF = Provider("Crossref", "https://api.crossref.org", Host(1.0))
