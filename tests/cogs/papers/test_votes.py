"""👍 on the cards of papers: counted, taken back, and shown at once on the card that was clicked."""

from __future__ import annotations

from bot.papers.saved_searches import purge_expired, stored_of_person
from tests.discord_app.requests import buttons_of, text_of

DECENTLAM = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"


async def test_a_vote_is_counted_on_the_card_and_a_second_click_takes_it_back(world, app):
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    before = text_of(card.response)
    others = set(buttons_of(card.response)) - {"👍"}
    await world.ada.click(card.response, label="👍")
    assert "👍 1" in buttons_of(card.response)
    await world.bob.click(card.response, label="👍 1")
    assert "👍 2" in buttons_of(card.response)
    assert others < set(buttons_of(card.response))
    assert text_of(card.response) == before
    again = await world.bob.slash(world.channel, "paper", title=DECENTLAM, private=True)
    assert "👍 2" in buttons_of(again.response)
    await world.bob.click(again.response, label="👍 2")
    assert "👍 1" in buttons_of(again.response)

    elsewhere = world.env.create_guild("Another group")
    channel = elsewhere.create_text_channel("papers")
    cyd = elsewhere.add_member(world.env.create_user("cyd"))
    card = await cyd.slash(channel, "paper", title=DECENTLAM)
    assert "👍" in buttons_of(card.response)

    assert stored_of_person(app, world.ada.id).votes == 1
    answer = await world.ada.slash(world.channel, "privacy")
    assert "**1 vote**" in text_of(answer.response)
    await world.ada.click(answer.response, label="Delete what is stored of me")
    await world.ada.click(answer.response, label="Delete")
    assert stored_of_person(app, world.ada.id).votes == 0
    again = await world.bob.slash(world.channel, "paper", title=DECENTLAM)
    assert "👍" in buttons_of(again.response)


async def test_answers_in_other_channels_show_the_votes_within_a_minute(world, app, clock):
    second = world.channel.guild.create_text_channel("second")
    other = await world.ada.slash(second, "paper", title=DECENTLAM)
    whole = text_of(other.response)
    private = await world.bob.slash(second, "paper", title=DECENTLAM, private=True)
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    await world.bob.click(card.response, label="👍")
    await world.ada.click(card.response, label="👍 1")
    announcer = world.env.bot.announcer
    await announcer.round()
    assert "👍" in buttons_of(other.response)
    clock.move(seconds=40)
    await announcer.round()
    assert "👍 2" in buttons_of(other.response)
    assert text_of(other.response) == whole
    assert "👍" in buttons_of(private.response)  # which nobody but Bob sees, and nobody can edit
    await world.bob.click(other.response, label="👍 2")
    assert "👍 1" in buttons_of(other.response)

    clock.move(days=31)
    purge_expired(app)
    with app.store.reading() as session:
        assert session.connection().exec_driver_sql("select count(*) from answered_card").scalar() == 0
        assert session.connection().exec_driver_sql("select count(*) from message").scalar() == 0
