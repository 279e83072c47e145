"""The pace at which a host is asked, shared by all processes of this database."""

from __future__ import annotations

import datetime as dt
import secrets

from bot.fetching.manners import Reserve
from bot.services.desk import Desk
from bot.store import leases


def shared_pace(desk: Desk) -> Reserve:
    """Each request takes a lease that lasts until the next one is allowed; nobody gives it back."""

    def reserve(host: str, seconds: float) -> float:
        now, name, holder = desk.clock(), f"pace {host}", secrets.token_hex(8)
        turn = dt.timedelta(seconds=seconds)
        with desk.store.writing() as session:
            if leases.take_lease(session, name, holder, now, now + turn):
                return 0.0
            row = leases.lease_row(session, name)
            if row is None:
                return seconds
            if row[1] - now > turn:  # taken by a clock that was set back since
                leases.take_lease(session, name, holder, now, now + turn, dead=row[0])
                return 0.0
        return (row[1] - now).total_seconds()

    return reserve
