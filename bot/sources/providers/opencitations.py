"""OpenCitations: which works cite a paper, as Crossref, DataCite and others have it. No kind of source."""

from __future__ import annotations

from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider

# Its answers name no limit: one request in a second.
OPENCITATIONS = Provider("OpenCitations", "https://api.opencitations.net", Host(1.0))
