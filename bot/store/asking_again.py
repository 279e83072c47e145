"""How the last round ended in which providers were asked again about papers of the corpus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlmodel import Session

from bot.store.settings import delete_setting, get_setting, put_setting

_SETTING = "errors of asking again"
MOST_ERRORS = 20


class FailedRound(NamedTuple):
    """The errors of the last round, where it had some."""

    ended_at: dt.datetime
    errors: tuple[str, ...]
    """Each begins with the provider."""


def record_round(session: Session, errors: Sequence[str], now: dt.datetime) -> None:
    """Keep the errors of a round that ended, in place of those of the one before."""
    if errors:
        kept = {"ended_at": now.isoformat(), "errors": [*dict.fromkeys(errors)][:MOST_ERRORS]}
        put_setting(session, _SETTING, orjson.dumps(kept).decode())
    else:
        delete_setting(session, _SETTING)


def failed_round(session: Session) -> FailedRound | None:
    """The errors of the last round; None where it had none."""
    kept = get_setting(session, _SETTING)
    if kept is None:
        return None
    read = orjson.loads(kept)
    return FailedRound(dt.datetime.fromisoformat(read["ended_at"]), tuple(read["errors"]))
