"""DataCite: data and software that are registered with papers. No kind of source."""

from __future__ import annotations

from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider

# A thousand requests in five minutes for those who say who they are, half as many for others.
DATACITE = Provider("DataCite", "https://api.datacite.org", Host(1.0))
