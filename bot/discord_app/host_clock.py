"""The host's clock compared with Discord's, which is in the `Date` of every answer."""

from __future__ import annotations

import datetime as dt
import logging
from email.utils import parsedate_to_datetime
from types import SimpleNamespace

import aiohttp

from bot.app import Clock

TOLERATED = dt.timedelta(minutes=1)

_log = logging.getLogger(__name__)


class ClockComparison:
    """Logs once that the host's clock is wrong, and once that it is right again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_wrong = False
        self.trace = aiohttp.TraceConfig()
        """Has the answers of a session compared."""
        self.trace.on_request_end.append(self._answered)

    async def _answered(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        answered: aiohttp.TraceRequestEndParams,
    ) -> None:
        self.compare(answered.response.headers.get("Date", ""))

    def compare(self, date: str) -> None:
        """Compare with the `Date` of an answer that came just now; one that is none says nothing."""
        try:
            ahead = self._clock() - parsedate_to_datetime(date)
        except (TypeError, ValueError):
            return
        is_wrong = abs(ahead) > TOLERATED
        if is_wrong and not self._is_wrong:
            _log.warning(
                "The clock of this host is %.0f s %s Discord's: set it, as by NTP. Until then digests come "
                "that much too %s.",
                abs(ahead).total_seconds(),
                "ahead of" if ahead > dt.timedelta() else "behind",
                "early" if ahead > dt.timedelta() else "late",
            )
        elif self._is_wrong and not is_wrong:
            _log.info("The clock of this host agrees with Discord's again.")
        self._is_wrong = is_wrong
