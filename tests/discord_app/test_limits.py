from __future__ import annotations

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.discord_app.limits import MAX_COMPONENTS, MAX_TEXT, Card, Passage, fitted
from bot.discord_app.safe_text import fit, safe
from tests.discord_app.requests import check_message, walk


def message_of(card: Card) -> dict:
    view = discord.ui.LayoutView(timeout=None).add_item(card)
    return {"components": view.to_components(), "flags": 1 << 15, "allowed_mentions": {"parse": []}}


texts = st.text(max_size=6000) | st.text(alphabet="*_`\\[]()<>@#: ab", max_size=6000)


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=12))
def test_whatever_the_texts_a_card_fits_and_keeps_its_rows(rows):
    card = Card()
    for title, abstract in rows:
        shown, rest = fit(safe(title), 300) or "Untitled", safe(abstract)
        card.add_item(
            discord.ui.Section(
                Passage(shown, lambda room, rest=rest: fit(rest, room)),
                accessory=discord.ui.Button(label=title[:200] or "x", custom_id=f"row:{len(card.children)}"),
            )
        )
    message = message_of(fitted(card))
    check_message(message)
    sections = [each for each in walk(message["components"]) if each["type"] == 9]
    assert len(sections) == len(rows)
    for (title, _abstract), section in zip(rows, sections, strict=True):
        assert section["components"][0]["content"].startswith(fit(safe(title), 300) or "Untitled")


def test_a_short_abstract_leaves_its_room_to_the_long_ones():
    def words(count: int):
        return lambda room: fit("word " * count, room)

    card = fitted(Card(Passage("a", words(4)), Passage("b", words(2000)), Passage("c", words(2000))))
    lengths = [len(text.content) for text in card.children]
    assert lengths[0] == len("a" + "word " * 4)
    assert MAX_TEXT - 20 <= sum(lengths) <= MAX_TEXT


def test_fixed_texts_that_are_too_long_are_cut_in_the_longest():
    card = fitted(Card(discord.ui.TextDisplay("word " * 1000), Passage("short")))
    assert card.children[1].content == "short"
    assert sum(len(text.content) for text in card.children) <= MAX_TEXT


def test_options_and_labels_are_cut():
    options = [discord.SelectOption(label="l" * 90 + " ä" * 5, value=str(n)) for n in range(25)]
    for option in options:
        option.label, option.description = "label " * 30, "words " * 30
    menu = discord.ui.Select(options=options, placeholder="choose " * 20, custom_id="menu")
    card = fitted(Card(discord.ui.TextDisplay("x"), discord.ui.ActionRow(menu)))
    check_message(message_of(card))


def test_too_many_components_are_an_error_and_not_a_refused_message():
    card = Card(*(discord.ui.TextDisplay("x") for _ in range(MAX_COMPONENTS)))
    with pytest.raises(ValueError, match="41 components"):
        fitted(card)


def test_an_overlong_custom_id_is_an_error():
    button = discord.ui.Button(label="x", custom_id="x")
    button._underlying.custom_id = "x" * 101
    with pytest.raises(ValueError, match="custom_id"):
        fitted(Card(discord.ui.ActionRow(button)))
