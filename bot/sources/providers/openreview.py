"""OpenReview: asked about single papers."""

from __future__ import annotations

from bot.fetch.politeness import Host
from bot.sources.providers.kinds import Provider

OPENREVIEW = Provider("OpenReview", "https://api2.openreview.net", Host(1.0))
