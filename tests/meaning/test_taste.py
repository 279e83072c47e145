"""The taste of a server by meaning: papers are like those that it likes also where they share no word."""

from __future__ import annotations

from bot.announcements.taste import likenesses
from bot.app import App
from bot.reading.votes import vote
from tests.apps import add
from tests.meaning.conftest import FORGETTING, make

GUILD = 77
REMEMBERING, GALAXY = "Neural networks that remember", "Galaxy Rotation and Dark Matter"


def test_meaning_ranks_what_words_do_not_and_a_paper_without_a_vector_is_no_worse(app: App):
    add(app, {"title": REMEMBERING, "abstract": "Sequential training that overwrites no old knowledge."})
    with app.store.reading() as session:
        ids = {row[0]: row[1] for row in session.connection().exec_driver_sql("select title, id from paper")}
    vote(app, GUILD, ids[FORGETTING], 1)
    papers = [ids[one] for one in (REMEMBERING, GALAXY)]

    before = likenesses(app, GUILD, papers)
    assert before is not None
    assert before[ids[REMEMBERING]].value == 0.0
    assert make(app)
    app.meaning._looked_at = None
    after = likenesses(app, GUILD, papers)
    assert after is not None
    assert after[ids[REMEMBERING]].value > after[ids[GALAXY]].value
    # What shares no word with it is not said to be like it.
    assert after[ids[REMEMBERING]].like is None
