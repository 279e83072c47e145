"""/list, Save and notes: one's own lists are seen by nobody else, those of the group by the server alone."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from bot.discord_app.buttons import Control
from bot.discord_app.client import FairUse
from bot.papers.saved_searches import stored_of_person
from bot.reading import lists
from bot.reading.lists import ListView, Reader
from bot.reading.servers import look_after_reading
from bot.store.lists import ListOrder, add_entries
from bot.store.models import Paper, ReadingState
from cogs.reading.buttons import EntryButton
from tests.apps import processor_seconds
from tests.discord_app.requests import buttons_of, text_of

DECENTLAM = "DecentLaM: Decentralized Momentum SGD for Large-batch Deep Training"


def written(form: Any, text: str) -> dict[str, str]:
    """The form of a note, filled in."""
    return {form.modal["components"][0]["component"]["custom_id"]: text}


def said(answer: Any) -> str:
    """What the answer says, whether as a card or as a sentence, or in what follows it."""
    texts = [answer.response.content if answer.response is not None else ""]
    texts += [each.content for each in answer.followups]
    if answer.response is not None:
        texts.append(text_of(answer.response))
    return "\n".join(text for text in texts if text).replace("\\", "")


@pytest.fixture
def manager(world) -> simcord.MemberActor:
    guild = world.channel.guild
    role = guild.create_role("leads", permissions=discord.Permissions(manage_channels=True))
    return guild.add_member(world.env.create_user("lea"), roles=[role])


async def test_a_paper_is_saved_read_and_noted(world):
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    entry = await world.ada.click(card.response, label="Save")
    assert entry.ephemeral
    assert "Saved to “to read” (yours) · To read" in said(entry)
    await world.ada.click(entry.response, label="Reading")
    assert "On “to read” (yours) · Reading" in said(entry)
    form = await world.ada.click(entry.response, label="My note")
    await world.ada.submit_modal(form, written(form, "Check **lemma** 3"))
    assert "Your note" in said(entry)
    assert "Check **lemma** 3" in said(entry)
    form = await world.ada.click(entry.response, label="Note for the group")
    await world.ada.submit_modal(form, written(form, "For Friday"))

    group = await world.ada.select(entry.response, ["group"])
    assert "Saved to “to read” (the group’s)" in said(entry)
    shown = await world.bob.slash(world.channel, "list show", list="group")
    assert not shown.ephemeral
    opened = await world.bob.click(shown.response, label="Open")
    assert opened.ephemeral
    assert "For Friday" in said(opened)
    assert "lemma" not in said(opened)
    assert group is not None


@pytest.mark.simcord(check_errors=False)
async def test_nobody_else_reads_a_list_of_ones_own_by_any_button(world, app, monkeypatch):
    card = await world.ada.slash(world.channel, "paper", title=DECENTLAM)
    entry = await world.ada.click(card.response, label="Save")
    mine = await world.ada.slash(world.channel, "list show")
    assert mine.ephemeral
    assert "DecentLaM" in said(mine)
    ada = Reader(world.ada.id, world.channel.guild.id)
    (own,) = lists.lists_for(app, ada)
    empty = await world.bob.slash(world.channel, "list show")
    assert "It is empty" in said(empty)
    for which in (str(own.id), f"group:{own.id}"):
        refused = await world.bob.slash(world.channel, "list show", list=which)
        assert "no such list" in said(refused)
        assert "DecentLaM" not in said(refused)

    # Nobody can click what only Ada sees, so a list of the group has these buttons here.
    ids = [each["custom_id"] for each in buttons_of(entry.response).values() if "custom_id" in each]
    ids = [one for one in ids if not one.startswith("paper:")]
    ids += [
        buttons_of(mine.response)["Open"]["custom_id"],
        f"list-page:{own.id}:{world.bob.id}:added:all:-:1",
    ]
    assert {one.split(":")[0] for one in ids} == {"entry", "state", "note", "unsave", "list-page"}
    for paper in range(1, len(ids) + 1):
        lists.save(app, ada, "group", paper)
    forged = iter(("",))
    monkeypatch.setattr(
        EntryButton,
        "of",
        lambda _list, paper: Control(label="Open", custom_id=next(forged, f"paper:{paper}")),
    )
    for number, custom_id in enumerate(ids):
        person = world.bob
        if not custom_id.startswith("list-page:"):
            person = world.channel.guild.add_member(world.env.create_user(f"eve{number}"))
        forged = iter([custom_id])
        group = await person.slash(world.channel, "list show", list="group", private=True)
        refused = await person.click(group.response, custom_id=custom_id)
        if refused.modal is not None:
            refused = await person.submit_modal(refused, written(refused, "mine?"))
        assert "no such list" in said(refused), custom_id
    (kept,) = lists.list_page(app, ada, "mine", ListView()).entries
    assert kept.entry.state == "to read"


@pytest.mark.simcord(check_errors=False)
async def test_nobody_else_reads_a_list_of_ones_own_by_any_command(world, app, manager, monkeypatch):
    monkeypatch.setattr(FairUse, "check", lambda *_: None)
    guild = world.channel.guild.id
    ada = Reader(world.ada.id, guild)
    secret = lists.make_list(app, ada, "Secret plans", group=False)
    lists.save(app, ada, "Secret plans", 1)
    (known,) = await world.ada.autocomplete(world.channel, "list show", "list", "secret")
    assert known["value"] == str(secret.id)
    for person in (world.bob, manager):
        for command in ("show", "export", "add", "remove", "rename", "share"):
            suggested = await person.autocomplete(world.channel, f"list {command}", "list", "")
            assert "Secret" not in str(suggested), command
        for which in ("Secret plans", str(secret.id), f"group:{secret.id}"):
            for command, options in (
                ("show", {}),
                ("export", {"format": "csv"}),
                ("add", {"paper": DECENTLAM}),
                ("remove", {}),
                ("remove", {"paper": DECENTLAM}),
                ("rename", {"name": "Mine now"}),
                ("share", {}),
            ):
                refused = await person.slash(world.channel, f"list {command}", list=which, **options)
                assert "no such list" in said(refused), (command, which)
                assert refused.response is None or not refused.response.attachments

    # What is shared is on the group's list; the list itself, its name and the notes stay Ada's.
    lists.write_note(app, ada, secret.id, 1, "only mine", group=False)
    shared = await world.ada.slash(world.channel, "list share", list=str(secret.id))
    assert shared.ephemeral
    seen = await world.bob.slash(world.channel, "list show", list="group")
    opened = await world.bob.click(seen.response, label="Open")
    assert "Secret" not in said(seen) + said(opened)
    assert "only mine" not in said(opened)
    assert "no such list" in said(await world.bob.slash(world.channel, "list show", list="Secret plans"))
    # What Ada takes off the group's list stays on hers.
    off = await world.ada.slash(world.channel, "list remove", list="group", paper="paper:1")
    assert "It is off “to read” (the group’s)" in said(off)
    assert [one.paper.id for one in lists.list_page(app, ada, "Secret plans", ListView()).entries] == [1]


@pytest.mark.simcord(check_errors=False)
async def test_lists_of_the_group_are_made_by_managers_and_seen_in_their_server_alone(world, app, manager):
    refused = await world.bob.slash(world.channel, "list new", name="Reviews", group=True)
    assert "Manage Channels" in said(refused)
    made = await manager.slash(world.channel, "list new", name="Reviews", group=True)
    assert "“Reviews” (the group’s) is made" in said(made)
    again = await manager.slash(world.channel, "list new", name="reviews", group=True)
    assert "of this name already" in said(again)
    reader = Reader(world.bob.id, world.channel.guild.id)
    first, one = lists.lists_for(app, reader)
    assert (first.name, one.name) == ("to read", "Reviews")
    await world.bob.slash(world.channel, "list add", paper=DECENTLAM, list=f"group:{one.id}")
    renamed = await manager.slash(world.channel, "list rename", list="Reviews", name="To review")
    assert "“To review”" in said(renamed)
    kept = await world.ada.slash(world.channel, "list remove", list="To review", paper=DECENTLAM)
    assert "Papers of others" in said(kept)

    elsewhere = world.env.create_guild("Another group")
    channel = elsewhere.create_text_channel("papers")
    cyd = elsewhere.add_member(world.env.create_user("cyd"))
    for which in (str(one.id), f"group:{one.id}", "To review"):
        answer = await cyd.slash(channel, "list show", list=which)
        assert "no such list" in said(answer)

    full = await manager.slash(world.channel, "list remove", list="To review")
    assert "1 paper is on it. Take it off first" in said(full)
    off = await world.bob.slash(world.channel, "list remove", list="To review", paper=DECENTLAM)
    assert "off “To review”" in said(off)
    gone = await manager.slash(world.channel, "list remove", list="To review")
    assert "is deleted" in said(gone)
    assert lists.lists_for(app, reader) == (first,)
    # What is saved without naming a list goes to "to read", though another one was made before.
    await world.bob.slash(world.channel, "list new", name="Thesis")
    added = await world.bob.slash(world.channel, "list add", paper=DECENTLAM)
    assert "Saved to “to read” (yours)" in said(added)


@pytest.mark.simcord(check_errors=False)
async def test_a_note_is_kept_though_its_paper_was_taken_off_the_list_meanwhile(world):
    added = await world.bob.slash(world.channel, "list add", paper=DECENTLAM)
    form = await world.bob.click(added.response, label="My note")
    await world.bob.slash(world.channel, "list remove", list="mine", paper=DECENTLAM)
    told = await world.bob.submit_modal(form, written(form, "Lemma 3 is wrong"))
    assert "The note stands as you wrote it" in said(told)
    again = await world.bob.slash(world.channel, "list add", paper=DECENTLAM)
    assert "Lemma 3 is wrong" in said(again)


@pytest.mark.simcord(check_errors=False)
async def test_a_list_is_filtered_searched_paged_shared_and_given_out(world, app):
    reader = Reader(world.ada.id, world.channel.guild.id)
    for paper in range(1, 21):
        lists.save(app, reader, "mine", paper)
    first = await world.ada.slash(world.channel, "list show", sort="newest")
    assert "20 papers · by newest · page 1 of 4" in said(first)
    await world.ada.click(first.response, label="More →")
    assert "page 2 of 4" in said(first)
    found = await world.ada.slash(world.channel, "list show", query="decentralized")
    assert "“decentralized”" in said(found)
    assert lists.list_page(app, reader, "mine", ListView(query="decentralized")).found < 20
    none = await world.ada.slash(world.channel, "list show", state="read")
    assert "Nothing on it is so" in said(none)

    missing = await world.ada.slash(world.channel, "list export", format="csl", state="read")
    assert "No paper of this list is so" in said(missing)
    shared = await world.ada.slash(world.channel, "list share", list="to read")
    assert "20 papers of “to read” (yours) are new on “to read” (the group’s)" in said(shared)
    for form, beginning in (("bibtex", "@"), ("ris", "TY  - "), ("csl", "["), ("csv", "key,id")):
        answer = await world.bob.slash(world.channel, "list export", list="group", format=form)
        assert answer.ephemeral
        (file,) = answer.response.attachments
        assert file.filename.startswith("to-read.")
        assert file.size > 500
        assert beginning


@pytest.mark.simcord(check_errors=False)
async def test_a_list_that_is_empty_says_so_and_what_to_do(world):
    for command, options in (
        ("remove", {}),
        ("remove", {"paper": DECENTLAM}),
        ("share", {}),
        ("export", {"format": "bibtex"}),
    ):
        answer = await world.ada.slash(world.channel, f"list {command}", list="mine", **options)
        assert "This list is empty: nothing was saved on it yet." in said(answer), command
        assert not answer.response.attachments
    shown = await world.ada.slash(world.channel, "list show")
    assert said(shown).splitlines()[:2] == [
        "### to read (yours)",
        "It is empty. *Save* on the card of a paper, or `/list add`, puts papers on it.",
    ]
    await world.ada.slash(world.channel, "list add", paper=DECENTLAM)
    one = await world.ada.slash(world.channel, "list share", list="mine")
    assert "1 paper of “to read” (yours) is new on" in said(one)


async def test_each_of_many_long_notes_has_its_share_and_the_others_are_counted(world, app):
    guild = world.channel.guild.id
    opened = lists.save(app, Reader(world.ada.id, guild), "group", 1)
    for person in range(101, 114):
        text = f"{person} says " + "*_`@everyone ```" * 60
        lists.write_note(app, Reader(person, guild), opened.list.id, 1, text, group=True)
    shown = await world.bob.slash(world.channel, "list show", list="group")
    entry = await world.bob.click(shown.response, label="Open")
    assert [number for number in range(101, 114) if f"{number} says" in said(entry)] == [*range(101, 111)]
    assert "And 3 more notes." in said(entry)


async def test_privacy_shows_and_deletes_lists_and_notes_and_a_servers_go_after_30_days(world, app, clock):
    guild = world.channel.guild.id
    ada, bob = Reader(world.ada.id, guild), Reader(world.bob.id, guild)
    lists.save(app, ada, "mine", 1)
    opened = lists.save(app, ada, "group", 1)
    lists.write_note(app, ada, opened.list.id, 1, "mine", group=False)
    lists.write_note(app, ada, opened.list.id, 1, "for all", group=True)
    answer = await world.ada.slash(world.channel, "privacy")
    assert "**1 list** and **2 notes** are stored now" in said(answer)
    await world.ada.click(answer.response, label="Delete what is stored of me")
    await world.ada.click(answer.response, label="Delete")
    assert stored_of_person(app, world.ada.id).notes == 0
    left = lists.open_entry(app, bob, opened.list.id, 1)
    assert (left.notes, left.listed.entry.added_by) == ((), None)

    look_after_reading(app, set())
    clock.move(days=30)
    look_after_reading(app, set())
    assert lists.lists_for(app, bob) == ()


def test_ten_thousand_papers_are_no_burden(app):
    reader = Reader(5, 6)
    opened = lists.save(app, reader, "group", 1)
    names = ", ".join(name for name in Paper.model_fields if name != "id")
    with app.store.writing() as session:
        run = session.connection().exec_driver_sql
        run(
            "WITH RECURSIVE n(x) AS (SELECT 1001 UNION ALL SELECT x + 1 FROM n WHERE x < 11000) "
            f"INSERT INTO paper (id, {names}) SELECT x, {names} FROM n, paper WHERE paper.id = 1"
        )
        add_entries(session, opened.list.id, range(1_001, 11_001), 5, app.clock())
    views = [*map(ListView, ListOrder), ListView(state=ReadingState.TO_READ), ListView(query="decentralized")]
    for view in views:
        with processor_seconds() as used:
            page = lists.list_page(app, reader, "group", view, 900)
        assert page.found == (10_001 if not view.query else 0)
        assert used() < 0.3, view
    _, papers = lists.listed_papers(app, reader, "group", ListView())
    assert sum(1 for _ in papers) == 10_001
