from __future__ import annotations

import discord
import pytest

from bot.papers.results import Paper
from cogs.papers.buttons import paper_controls
from cogs.papers.cards import links, paper_card
from tests.discord_app.requests import buttons_of, custom_ids_of, menu_of, text_of

DECENTLAM = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"


async def test_a_card_shows_the_whole_paper(world):
    answer = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    text = text_of(answer.response)
    assert "DecentLaM" in text
    assert "(the source’s list is cut)" in text
    assert "On Pan Pan’s page" in text
    assert "$" not in text
    assert set(buttons_of(answer.response)) >= {"BibTeX", "Authors", "Find on arXiv"}


async def test_a_paper_without_an_address_is_searched_on_arxiv_by_its_title(world):
    answer = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    url = buttons_of(answer.response)["Find on arXiv"]["url"]
    assert url.startswith("https://arxiv.org/search/?")
    assert "DecentLaM" in url
    assert "searchtype=title" in url


async def test_latex_is_readable(world, add_papers):
    add_papers(
        {
            "id": "latex",
            "title": "A $\\textbf{bold}$ claim",
            "abstract": "It takes $O(\\log(n))$ steps, 60\\% of Smith~et~al.",
        }
    )
    answer = await world.ada.slash(world.channel, "paper", title="A bold claim")
    text = text_of(answer.response).replace("\\", "")
    assert "O(log(n))" in text
    assert "60%" in text
    assert "~" not in text
    assert "textbf" not in text


async def test_bibtex_is_given_privately_in_a_code_block(world):
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    answer = await world.bob.click(card.response, label="BibTeX")
    assert answer.ephemeral
    assert answer.response.content.startswith("```bibtex\n@")
    assert answer.response.content.endswith("```")


async def test_bibtex_with_backticks_or_of_great_length_is_a_file(world, add_papers):
    add_papers(
        {"id": "ticks", "title": "Ticks ``` everywhere", "authors": ["A B"]},
        {"id": "crowd", "title": "A crowd of people", "authors": [f"Person Number{n}" for n in range(400)]},
    )
    for title in ("Ticks ``` everywhere", "A crowd of people"):
        card = await world.ada.slash(world.channel, "paper", title=title)
        answer = await world.ada.click(card.response, label="BibTeX")
        (file,) = answer.response.attachments
        assert file.filename.endswith(".bib")
        assert "```" not in answer.response.content


async def test_authors_lead_to_a_choice_and_on_to_an_author(world):
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    choice = await world.bob.click(card.response, label="Authors")
    assert choice.ephemeral
    options = menu_of(choice.response)["options"]
    assert "Pan Pan" in [option["label"] for option in options]
    value = next(option["value"] for option in options if option["label"] == "Pan Pan")
    await world.bob.select(choice.response, [value])
    assert "h-index" in text_of(choice.response)


async def test_a_single_author_is_shown_at_once(world, add_papers):
    add_papers({"id": "alone", "title": "Alone with zebrafish", "authors": ["Robin Singular"]})
    card = await world.ada.slash(world.channel, "paper", title="Alone with zebrafish")
    answer = await world.ada.click(card.response, label="Author")
    assert "Robin Singular" in text_of(answer.response)


async def test_a_paper_without_authors_has_no_button_for_them(world, add_papers):
    add_papers({"id": "nobody", "title": "Nobody wrote zebrafish"})
    card = await world.ada.slash(world.channel, "paper", title="Nobody wrote zebrafish")
    assert not {"Author", "Authors"} & set(buttons_of(card.response))
    assert "Authors not given" in text_of(card.response)


async def test_a_title_that_is_not_exact_gives_a_choice_that_the_asker_turns_into_the_card(world):
    choice = await world.ada.slash(world.channel, "paper", title="DecentLaM momentum training")
    if "Choose a paper" not in str(choice.response.components):
        pytest.skip("the search is certain of this title")
    value = menu_of(choice.response)["options"][0]["value"]
    copy = await world.bob.select(choice.response, [value])
    assert copy.ephemeral
    assert "DecentLaM" in text_of(copy.response)
    await world.ada.select(choice.response, [value])
    assert "BibTeX" in buttons_of(choice.response)


async def test_no_paper_is_said(world):
    answer = await world.ada.slash(world.channel, "paper", title="zzqxv wkjq")
    assert "No paper “zzqxv wkjq”" in text_of(answer.response)


async def test_an_answer_can_be_private(world):
    answer = await world.ada.slash(world.channel, "paper", title=DECENTLAM, private=True)
    assert answer.ephemeral


async def test_details_of_a_paper_that_is_gone_are_refused_privately(world):
    answer = await world.ada.slash(world.channel, "papers", query="decentralized")
    stored = world.env.backend.get_message(world.channel.id, answer.response.id)
    _rename(stored.components, custom_ids_of(answer.response, "Details")[0], "paper:999999")
    pressed = await world.ada.click(answer.response, custom_id="paper:999999")
    assert pressed.ephemeral
    assert "no longer in the corpus" in pressed.response.content


def _rename(components, old: str, new: str) -> None:
    for component in components:
        if component.get("custom_id") == old:
            component["custom_id"] = new
        _rename(component.get("components", []), old, new)
        _rename([component["accessory"]] if "accessory" in component else [], old, new)


async def test_similar_papers_are_shown_privately(world):
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    answer = await world.bob.click(card.response, label="Similar papers")
    assert answer.ephemeral
    text = text_of(answer.response)
    assert "similar to" in text
    assert "Accelerating Gossip SGD" in text


NOTICE = {"kind": "retracted", "day": "2024-02-03", "url": "https://doi.org/10.9999/r"}
KNOTS = {"id": "k", "title": "RETRACTED: Knots that slip", "authors": ["Ida Hale"], "short_title": "Knots"}


async def test_a_retracted_paper_is_marked_wherever_it_is_shown(world, add_papers):
    add_papers(KNOTS | {"notices": [NOTICE, {"kind": "corrected"}]})
    card = text_of((await world.ada.slash(world.channel, "paper", title="Knots that slip")).response)
    assert "### Knots that slip\n-# Also titled “Knots” · “RETRACTED\\: Knots that slip”\nIda Hale" in card
    assert "**⚠ Retracted** 3 Feb 2024 (JSON) · [notice](https://doi.org/10.9999/r)\n" in card
    assert "**Corrected** (JSON)\n" in card
    found = await world.ada.slash(world.channel, "papers", query="knots")
    assert "-# ⚠ Retracted (JSON)" in text_of(found.response)
    author = await world.ada.slash(world.channel, "author", name="Ida Hale")
    assert "Knots that slip\n-# ⚠ Retracted (JSON)" in text_of(author.response)


async def test_foreign_text_of_notices_and_titles_is_harmless(world, add_papers):
    spoiled = {"kind": "withdrawn", "url": "javascript:alert(1)"}
    foreign = "**@everyone** [x](https://e.example)"
    add_papers(KNOTS | {"title": "Knots", "short_title": foreign, "notices": [spoiled]})
    card = text_of((await world.ada.slash(world.channel, "paper", title="Knots")).response)
    assert "⚠ Withdrawn" in card
    assert "**@everyone**" not in card
    assert "](" not in card


def test_a_card_leads_to_a_free_copy_to_code_and_to_data_in_rows_of_five():
    paper = Paper(
        id=1,
        source_id="1",
        title="Knots",
        authors=("Ida Hale",),
        attributed_to=(),
        published="2026-03-03",
        appeared="2026-08-07",
        venue="Journal of Knots",
        url="https://doi.org/10.1000/1",
        pdf_url="https://repo.example.org/a.pdf",
        code_url="https://github.com/a/b",
        data_url="https://zenodo.org/records/1",
    )
    card = paper_card(paper, paper_controls(paper))
    rows = [row for row in card.walk_children() if isinstance(row, discord.ui.ActionRow)]
    labels = [[getattr(item, "label", None) for item in row.children] for row in rows]
    assert labels[0][:4] == ["Open", "PDF", "Code", "Data"]
    assert len(labels[0]) == 5
    texts = "".join(one.content for one in card.walk_children() if isinstance(one, discord.ui.TextDisplay))
    assert "**preprint 3 Mar 2026, published in Journal of Knots 7 Aug 2026**" in texts
    assert "Venue" not in texts
    inner = paper.model_copy(update={"pdf_url": "https://10.0.0.1/a.pdf"})
    assert [one.url for one in links(inner)] == ["https://doi.org/10.1000/1", "https://github.com/a/b"]
    assert links(paper.model_copy(update={"arxiv_id": "2603.00001"}))[1].url == (
        "https://arxiv.org/pdf/2603.00001"
    )
