"""/top: the papers for which most members of a server voted in the last days."""

from __future__ import annotations

from bot.reading.votes import vote
from tests.discord_app.requests import buttons_of, text_of


async def test_the_best_of_the_week_are_ranked_by_votes_then_by_score(world, app, clock, add_papers):
    empty = await world.ada.slash(world.channel, "top")
    assert "Nobody has voted" in text_of(empty.response)
    add_papers(*({"id": f"s{score}", "title": f"Scored {score}", "score": score} for score in (10, 90)))
    guild = world.channel.guild.id
    with app.store.reading() as session:
        low, high = session.connection().exec_driver_sql("select max(id) - 1, max(id) from paper").one()
    vote(app, guild, 3, 1)
    clock.move(days=8)
    for paper, people in ((1, (1, 2, 3)), (2, (1,)), (low, (1, 2)), (high, (2, 3))):
        for person in people:
            vote(app, guild, paper, person)
    vote(app, 999, 4, 1)

    answer = await world.ada.slash(world.channel, "top")
    lines = [
        line
        for line in text_of(answer.response).replace("\\", "").splitlines()
        if "**" in line or "👍" in line
    ]
    assert not answer.ephemeral
    clock.move(days=8)
    quiet = await world.ada.slash(world.channel, "top")
    assert "Nobody voted in these days. `days` takes older votes in." in text_of(quiet.response)
    clock.move(days=-8)
    assert [line.split(" ·")[0] for line in lines if "👍" in line] == [
        "-# 👍 3",
        "-# 👍 2",
        "-# 👍 2",
        "-# 👍 1",
    ]
    assert lines[2].startswith("**2. Scored 90")
    assert lines[4].startswith("**3. Scored 10")
    assert "Details" in buttons_of(answer.response)
    month = await world.ada.slash(world.channel, "top", days=30, private=True)
    assert month.ephemeral
    assert text_of(month.response).count("👍") == 5
