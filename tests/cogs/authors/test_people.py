from __future__ import annotations

import pytest

from bot.ingest.importer import import_files
from tests.discord_app.requests import custom_ids_of, text_of, walk

# A refusal is an error that is answered.
pytestmark = pytest.mark.simcord(check_errors=False)


@pytest.fixture
def ruler(world, app, monkeypatch):
    """Ada is named in PAPERCORD_ADMINS."""
    settings = app.settings.model_copy(update={"admins": str(world.ada.id)})
    object.__setattr__(app, "settings", settings)
    return world.ada


def picture_of(message):
    (gallery,) = [one for one in walk(message.components) if one["type"] == 12]
    return gallery["items"][0]


async def test_the_card_has_a_picture_whose_words_say_the_same(world):
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    picture = picture_of(answer.response)
    assert "2021: 16 (CV 10, LG 5, IR 1)" in picture["description"]
    assert len(picture["description"]) <= 1024


async def test_the_card_shows_the_circles_and_what_they_cannot_tell(world):
    answer = await world.ada.slash(world.channel, "author", name="Pan Pan")
    details = await world.bob.click(answer.response, label="All figures")
    assert details.ephemeral
    text = text_of(details.response)
    assert "11 papers with Yun Zheng" in text
    assert "6 papers share no visible co" in text
    assert "25 of 26 lists are cut" in text
    assert "first author of 0" not in text


async def test_two_authors_are_compared_with_a_picture(world):
    answer = await world.ada.slash(world.channel, "compare", first="Pan Pan", second="Yun Zheng")
    text = text_of(answer.response)
    assert "7 papers of both" in text
    assert "co\\-authors of both" in text or "co-authors of both" in text
    assert "Yun Zheng" in picture_of(answer.response)["description"]


async def test_a_comparison_asks_who_is_meant(world):
    answer = await world.ada.slash(world.channel, "compare", first="Pan Pan", second="Yun Zhen")
    text = text_of(answer.response)
    assert "is not exactly one person" in text
    assert "author:" in text
    same = await world.ada.slash(world.channel, "compare", first="Pan Pan", second="Pan, Pan")
    assert "same person twice" in text_of(same.response)


async def test_coauthors_and_the_shortest_way(world):
    circle = await world.ada.slash(world.channel, "coauthors", author="Pan Pan")
    assert "Yun Zheng · 7 papers" in text_of(circle.response)
    way = await world.ada.slash(world.channel, "coauthors", author="Yun Zheng", to="Kun Yuan")
    text = text_of(way.response)
    assert "2 steps" in text
    assert "attributed by an author’s page alone" in text


async def test_scene_13_an_ordinary_member_cannot_correct_and_searching_still_works(world, app):
    for command, options in (
        ("author-merge", {"author": "Yun Zheng", "into": "Pan Pan", "reason": "mischief"}),
        ("author-split", {"author": "Pan Pan", "paper": "x", "reason": "mischief"}),
        ("corrections", {}),
    ):
        answer = await world.bob.slash(world.channel, command, **options)
        assert answer.ephemeral
        assert "only the application" in text_of(answer.response)
    shown = await world.bob.slash(world.channel, "author", name="Yun Zheng")
    assert "7 papers" in text_of(shown.response)


async def test_an_administrator_merges_and_undoes(world, ruler):
    made = await ruler.slash(
        world.channel, "author-merge", author="Li Hu", into="Pan Pan", reason="@everyone **same** page"
    )
    assert made.ephemeral
    text = text_of(made.response)
    assert "Correction 1" in text
    assert "@everyone **same**" not in text
    shown = await world.bob.slash(world.channel, "author", name="Li Hu")
    assert "Pan Pan" in text_of(shown.response)
    (undo,) = custom_ids_of(made.response, "Undo")
    await ruler.click(made.response, custom_id=undo)
    assert "Undone by" in text_of(made.response)
    again = await world.bob.slash(world.channel, "author", name="Li Hu")
    assert "## Li Hu" in text_of(again.response)


async def test_an_administrator_splits_a_circle_off(world, ruler):
    title = "Recurrent Dynamic Embedding for Video Object Segmentation"
    made = await ruler.slash(
        world.channel, "author-split", author="Pan Pan", paper=title, circle=True, reason="their pages"
    )
    assert "3 papers of Pan Pan" in text_of(made.response)
    answer = await world.bob.slash(world.channel, "author", name="Pan Pan")
    text = text_of(answer.response)
    assert "23 papers" in text
    assert "3 papers" in text
    listed = await ruler.slash(world.channel, "corrections")
    assert "Correction 1" in text_of(listed.response)


async def test_an_administrator_says_that_two_papers_stay_two(world, ruler, tmp_path, app):
    entries = "".join(
        f"@article{{{key}, title={{Nets of kelp}}, author={{Bo Lund}}, doi={{10.9999/{key}}}}}\n"
        for key in "ab"
    )
    (tmp_path / "a.bib").write_text(entries, encoding="utf-8")
    import_files(app, [tmp_path / "a.bib"])
    listed = await ruler.slash(world.channel, "corrections")
    two = await ruler.click(listed.response, custom_id="two-papers:27:28")
    assert "is another paper than" in text_of(two.response)
    after = await ruler.slash(world.channel, "corrections")
    assert "These may be one paper" not in text_of(after.response)
    await ruler.click(after.response, custom_id="undo-paper:1")
    again = await ruler.slash(world.channel, "corrections")
    assert "These may be one paper" in text_of(again.response)


async def test_an_administrator_says_which_papers_are_one_and_two(world, ruler, tmp_path, app):
    entries = "".join(
        f"@article{{{key}, title={{Nets of @kelp}}, author={{Bo Lund}}, doi={{10.9999/{key}}}}}\n"
        for key in "ab"
    )
    (tmp_path / "a.bib").write_text(entries, encoding="utf-8")
    import_files(app, [tmp_path / "a.bib"])

    listed = await ruler.slash(world.channel, "corrections")
    assert "These may be one paper" in text_of(listed.response)
    await ruler.click(listed.response, custom_id="one-paper:27:28")
    listed = await ruler.slash(world.channel, "corrections")
    assert "(`paper:28`) is Nets" in text_of(listed.response)
    assert "These may be one paper" not in text_of(listed.response)

    split = await ruler.slash(
        world.channel, "paper-split", paper="paper:27", part="bibtex:10.9999/b", reason="@everyone look"
    )
    assert "is another paper than" in text_of(split.response)
    refused = await ruler.slash(world.channel, "paper-split", paper="paper:1", part="author page", reason="x")
    assert "does not name one thing" in text_of(refused.response)
    (undo,) = custom_ids_of(split.response, "Undo")
    await ruler.click(split.response, custom_id=undo)
    assert "Undone by" in text_of(split.response)
    merged = await ruler.slash(
        world.channel, "paper-merge", paper="paper:1", same="paper:2", reason="the same text"
    )
    assert "(`paper:2`) is" in text_of(merged.response)
    for command, options in (
        ("paper-merge", {"paper": "paper:3", "same": "paper:4", "reason": "mischief"}),
        ("paper-split", {"paper": "paper:1", "part": "x", "reason": "mischief"}),
    ):
        answer = await world.bob.slash(world.channel, command, **options)
        assert "only the application" in text_of(answer.response)
