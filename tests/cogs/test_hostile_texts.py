"""Scene 12: no ping, no broken layout, no rejected send, whatever a source wrote.

Every request is checked against Discord's description and limits when a test ends, see `world`.
"""

from __future__ import annotations

import pytest

from tests.discord_app.requests import buttons_of, custom_ids_of, menu_of, text_of

HOSTILE = (
    "@everyone <@1> <#2> <@&3> **bold** __under__ ```code``` [click](https://evil.example) "
    "](http://evil.example) <https://evil.example> $\\alpha$ \u202eright\u202c \u200bzero zebrafish :smile: "
    "<:emoji:1> <t:1:R> </papers:1> # head - list ||spoiler|| ~~gone~~"
)


def unescaped(text: str, what: str) -> bool:
    """Whether the mark stands in the text without a backslash before it."""
    position = text.find(what)
    while position >= 0:
        slashes = len(text[:position]) - len(text[:position].rstrip("\\"))
        if slashes % 2 == 0:
            return True
        position = text.find(what, position + 1)
    return False


@pytest.fixture
def hostile_papers(add_papers):
    add_papers(
        {
            "id": "hostile",
            "title": HOSTILE,
            "authors": [HOSTILE, "\u202eEvil", "**Bold**", "`tick`", "a" * 500],
            "abstract": HOSTILE * 20,
            "venue": HOSTILE,
            "url": "https://example.org/paper",
            "categories": ["cs.CV"],
            "date": "2025-01",
        },
        {
            "id": "long",
            "title": "zebrafish " + "long title \\*_ " * 30,
            "authors": [f"Author {n:04} of Many" for n in range(3303)],
            "abstract": "zebrafish " + "An abstract that goes on and on, \\* and on. " * 140,
        },
        *(
            {
                "id": f"wide{n}",
                "title": f"zebrafish {n} " + "*" * 400,
                "authors": ["@here " * 80] * 50,
                "abstract": "zebrafish " + "_" * 6000,
            }
            for n in range(6)
        ),
    )


def assert_harmless(text: str) -> None:
    for mark in ("@everyone", "<@", "<#", "](", "```", "<t:", "</", "<:", "||", "~~", "__"):
        assert not unescaped(text, mark), mark
    assert "\u202e" not in text
    assert "\u200b" not in text


async def test_results_of_hostile_papers_are_harmless_and_whole(world, hostile_papers):
    answer = await world.ada.slash(world.channel, "papers", query="zebrafish")
    assert "8 papers" in text_of(answer.response)
    rows = 0
    for page in (1, 2):
        assert_harmless(text_of(answer.response))
        rows += len(custom_ids_of(answer.response, "Details"))
        if page == 1:
            await world.ada.click(answer.response, label="More →")
    assert rows == 8


async def test_hostile_cards_are_harmless(world, hostile_papers):
    answer = await world.ada.slash(world.channel, "papers", query="zebrafish")
    cards = []
    for page in (1, 2):
        for custom_id in custom_ids_of(answer.response, "Details"):
            card = await world.bob.click(answer.response, custom_id=custom_id)
            await world.env.advance_time(5)
            cards.append(card.response)
        if page == 1:
            await world.ada.click(answer.response, label="More →")
    assert len(cards) == 8
    for card in cards:
        assert_harmless(text_of(card))
        (people,) = {"Author", "Authors"} & set(buttons_of(card))
        assert_harmless(text_of((await world.bob.click(card, label=people)).response))
        await world.env.advance_time(5)
    crowd = next(card for card in cards if "Author 0001 of Many" in text_of(card))
    assert "and 3,273 more" in text_of(crowd)
    choice = await world.bob.click(crowd, label="Authors")
    assert len(menu_of(choice.response)["options"]) == 25


async def test_a_hostile_author_is_harmless(world, hostile_papers):
    answer = await world.ada.slash(world.channel, "author", name="**Bold**")
    assert_harmless(text_of(answer.response))
    assert "Bold" in text_of(answer.response)


async def test_what_a_person_types_is_harmless(world):
    for command, option in (("papers", "query"), ("paper", "title"), ("author", "name")):
        answer = await world.ada.slash(world.channel, command, **{option: HOSTILE})
        assert_harmless(text_of(answer.response))


async def test_hostile_suggestions_fit(world, hostile_papers):
    for typed in ("zebra", "@", "**", "\u202e", "", "x" * 500):
        choices = await world.ada.autocomplete(world.channel, "papers", "query", typed)
        assert len(choices) <= 25
        assert all(1 <= len(choice["name"]) <= 100 for choice in choices)
        assert all("\u202e" not in choice["name"] for choice in choices)


async def test_an_address_that_is_no_link_is_no_button(world, add_papers):
    add_papers({"id": "plain", "title": "Zebrafish without address", "abstract": "x"})
    answer = await world.ada.slash(world.channel, "paper", title="Zebrafish without address")
    buttons = buttons_of(answer.response)
    assert "Open" not in buttons
    assert buttons["Find on arXiv"]["url"].startswith("https://arxiv.org/")


async def test_a_title_of_any_length_makes_an_address_of_bearable_length(world, add_papers):
    add_papers({"id": "greek", "title": "Ζέβρα " * 60})
    found = await world.ada.slash(world.channel, "papers", query="ζέβρα")
    card = await world.ada.click(found.response, label="Details")
    assert len(buttons_of(card.response)["Find on arXiv"]["url"]) <= 512
