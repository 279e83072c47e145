"""From papers to people and back: who wrote a paper, and the name that narrows a search to a person."""

from __future__ import annotations

from bot.app import Desk
from bot.errors import RefusedError
from bot.papers.results import Choice
from bot.store import paper_people
from bot.store.authors import authors_by_id

_ENTRY = "author:"


def people_of_paper(desk: Desk, paper_id: int, limit: int = 25) -> tuple[Choice, ...]:
    """Those on whose page the paper stands, then those its list names; the value is the author's id."""
    with desk.store.reading() as session:
        rows = paper_people.people_of_paper(session, paper_id, limit)
    return tuple(Choice(label=row.name, value=str(row.id)) for row in rows)


def author_name(desk: Desk, text: str) -> str:
    """The name that a suggestion "author:<id>" stands for; any other text is a name already.

    Raises:
        RefusedError: the suggestion stands for nobody.

    """
    number = text.removeprefix(_ENTRY)
    if number == text:
        return text
    if number.isascii() and number.isdigit() and len(number) < 10:
        with desk.store.reading() as session:
            for row in authors_by_id(session, [int(number)]):
                return row.name
    raise RefusedError("author: nobody in the corpus has this number; type a name.")
