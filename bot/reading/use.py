"""What a server and a person use of votes, lists and clubs: nobody is shown what is not used there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app import App
from bot.reading.lists import Reader
from bot.store import clubs, lists, votes


@dataclass(frozen=True, slots=True)
class Use:
    """What is used."""

    lists: bool = False
    """The server has a list, or the person has one."""
    votes: bool = False
    """Members of the server have voted."""
    clubs: bool = False
    """The server has a journal club."""


def use_of_reading(app: App, reader: Reader) -> Use:
    """What the server and the person use."""
    here = reader.guild_id
    with app.store.reading() as session:
        has_lists = bool(lists.lists_of(session, here, reader.person_id))
        if here is None:
            return Use(has_lists)
        return Use(has_lists, votes.has_votes(session, here), clubs.has_clubs(session, here))
