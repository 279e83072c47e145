"""👍 on the cards of papers: counted, taken back, and shown at once on the card that was clicked."""

from __future__ import annotations

from bot.papers.saved_searches import stored_of_person
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
