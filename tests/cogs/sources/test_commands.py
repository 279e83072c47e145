"""/sources, /add, /import and the menu "Papers here", in a simulated Discord with a source on loopback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import discord
import pytest

from bot.announcements import subscriptions
from bot.announcements.results import Filters
from bot.app import App
from bot.discord_app.client import Papercord
from bot.sources.library import Library
from bot.sources.providers.table import PROVIDERS
from bot.sources.registry import source_statuses
from cogs.families import create_bot
from tests.discord_app.requests import buttons_of, custom_ids_of, text_of
from tests.fetch.loopback import Loopback, Reply, Ticks, fetcher_for, loopback
from tests.sources.made_papers import World as Papers

pytestmark = pytest.mark.simcord(check_errors=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as running:
        yield running


@pytest.fixture
def papers(server: Loopback) -> Papers:
    papers = Papers()
    server.answer = papers.answer
    return papers


@pytest.fixture
def simcord_bot(app: App, server: Loopback) -> Papercord:
    bot = create_bot(app)
    bot.library = Library(fetcher_for(server, Ticks()), dict.fromkeys(PROVIDERS, server.url))
    return bot


@pytest.fixture
def admin(world, simcord_bot: Papercord):
    """Ada, named in PAPERCORD_ADMINS; the channel is the administrators'."""
    settings = simcord_bot.app.settings.model_copy(
        update={"admins": str(world.ada.id), "admin_channel": world.channel.id}
    )
    simcord_bot.app = replace(simcord_bot.app, settings=settings)
    return world.ada


async def check_everything(bot: Papercord) -> None:
    workers = bot.get_cog("Sources").workers
    await bot.in_thread(workers.wake)
    for thread in list(workers._threads.values()):
        await bot.in_thread(thread.join, 10)
    # As the bot does every three seconds.
    await bot.in_thread(bot.app.index.catch_up, bot.app.store)


async def test_a_source_is_added_checked_and_shown(world, admin, papers, simcord_bot):
    papers.fill(3)
    answer = await admin.slash(world.channel, "sources add", kind="arxiv category", value="cs.LG")
    assert answer.ephemeral
    assert "Followed: arxiv category cs" in text_of(answer.response)
    await check_everything(simcord_bot)
    shown = text_of((await world.bob.slash(world.channel, "sources status")).response)
    assert "1 source" in shown
    assert "nothing new since the first check" in shown
    found = await world.bob.slash(world.channel, "papers", query="2603.00002")
    assert "On the matter of cologia" in text_of(found.response)


async def test_members_may_look_and_not_change(world, admin, simcord_bot):
    for name, options in (
        ("sources add", {"kind": "arxiv category", "value": "cs.LG"}),
        ("sources check", {}),
        ("sources pause", {"source": "1"}),
        ("sources remove", {"source": "1"}),
    ):
        answer = await world.bob.slash(world.channel, name, **options)
        assert answer.ephemeral
        assert "PAPERCORD" in answer.response.content
    assert source_statuses(simcord_bot.app) == ()
    assert "No sources" in text_of((await world.bob.slash(world.channel, "sources list")).response)


async def test_an_error_of_a_source_is_said_in_plain_words(world, admin, papers, simcord_bot, server):
    server.answer = lambda _: Reply(b"<html>busy</html>")
    await admin.slash(world.channel, "sources add", kind="arxiv search", value="all:graphs")
    await check_everything(simcord_bot)
    shown = text_of((await world.bob.slash(world.channel, "sources status")).response)
    assert "first check" in shown
    assert "no Atom feed" in shown


async def test_a_wrong_value_is_refused_with_an_example(world, admin):
    answer = await admin.slash(world.channel, "sources add", kind="arxiv category", value="what is this")
    assert "write one such as" in answer.response.content


async def test_sources_are_paused_resumed_and_removed(world, admin, papers, simcord_bot):
    papers.fill(1)
    await admin.slash(world.channel, "sources add", kind="arxiv category", value="cs.LG")
    await check_everything(simcord_bot)
    await admin.slash(world.channel, "sources pause", source="1")
    assert source_statuses(simcord_bot.app)[0].paused
    await admin.slash(world.channel, "sources pause", source="1", resume=True)
    assert not source_statuses(simcord_bot.app)[0].paused
    await admin.slash(world.channel, "sources remove", source="arxiv category cs.LG")
    assert source_statuses(simcord_bot.app) == ()


async def test_an_administrator_adds_a_paper_by_its_address(world, admin, papers):
    papers.fill(3)
    card = await admin.slash(world.channel, "add", paper="https://arxiv.org/abs/2603.00002v1")
    assert card.ephemeral
    assert "Add" in buttons_of(card.response)
    added = await admin.click(card.response, label="Add")
    assert "BibTeX" in buttons_of(added.response)
    again = await admin.slash(world.channel, "add", paper="2603.00002")
    assert "Add" not in buttons_of(again.response)


async def test_others_propose_and_administrators_decide_in_their_channel(world, admin, papers):
    papers.fill(3)
    card = await world.bob.slash(world.channel, "add", paper="2603.00002")
    assert "Add" not in buttons_of(card.response)
    answer = await world.bob.click(card.response, label="Propose")
    assert "The administrators are asked" in text_of(answer.response)
    asked = world.channel.last_message
    view = discord.ui.LayoutView.from_message(asked)
    labels = {item.label for item in view.walk_children() if isinstance(item, discord.ui.Button)}
    view.stop()
    assert {"Add", "Decline"} <= labels
    refused = await world.bob.click(asked, label="Add")
    assert "PAPERCORD" in refused.response.content
    done = await admin.click(asked, label="Add")
    assert "BibTeX" in buttons_of(done.response)


@pytest.mark.simcord(check_errors=False)
async def test_a_paper_that_is_proposed_twice_is_one_proposal(world, admin, papers):
    papers.fill(3)
    for paper, words in (
        ("2603.00002", "The administrators are asked"),
        ("https://arxiv.org/abs/2603.00002v1", "proposed already"),
        ("2603.00001", "The administrators are asked"),
    ):
        card = await world.bob.slash(world.channel, "add", paper=paper)
        answer = await world.bob.click(card.response, label="Propose")
        said = [text_of(each) for each in (answer.response, *answer.followups)]
        assert any(words in each for each in said), said


async def test_a_proposal_that_could_not_be_posted_can_be_proposed_again(
    world, admin, papers, simcord_bot, monkeypatch
):
    papers.fill(3)
    card = await world.bob.slash(world.channel, "add", paper="2603.00002")
    nonces: list[str] = []

    class Unreachable:
        async def send(self, *, nonce: str, **_options: object) -> None:
            nonces.append(nonce)
            raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(simcord_bot, "get_partial_messageable", lambda _id: Unreachable())
        await world.bob.click(card.response, label="Propose")
        await world.bob.click(card.response, label="Propose")
    assert len(set(nonces)) == 1
    assert len(nonces) == 2
    answer = await world.bob.click(card.response, label="Propose")
    assert "The administrators are asked" in text_of(answer.response)
    again = await world.bob.click(card.response, label="Propose")
    assert "proposed already" in str(
        again.followups[0].content if again.followups else again.response.content
    )


async def test_administrators_are_told_of_a_silent_source_and_look_at_all_of_them(
    world, admin, papers, simcord_bot, clock
):
    papers.fill(1)
    await admin.slash(world.channel, "sources add", kind="arxiv category", value="cs.LG")
    for number in range(6):
        await check_everything(simcord_bot)
        clock.now += dt.timedelta(days=1)
        papers.fill(1, first=100 + number)
    clock.now += dt.timedelta(days=20)
    cog = simcord_bot.get_cog("Sources")
    await cog._plan_silence_notice()
    await cog._plan_silence_notice()
    await simcord_bot.announcer.round()

    message = world.channel.last_message
    view = discord.ui.LayoutView.from_message(message)
    words = [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    view.stop()
    assert "Silent for much longer than usual" in words[0]
    answer = await world.bob.click(message, label="All sources")
    assert answer.ephemeral
    assert "silent for" in text_of(answer.response)


async def test_what_no_source_knows_is_said(world, admin, papers):
    answer = await world.bob.slash(world.channel, "add", paper="2603.99999")
    assert "No source knows" in answer.response.content


async def test_papers_here_shows_known_and_fetched_papers_privately(world, admin, papers):
    papers.fill(3)
    card = await admin.slash(world.channel, "add", paper="2603.00001")
    await admin.click(card.response, label="Add")
    message = await world.bob.send(
        world.channel, "See https://arxiv.org/abs/2603.00001 and arXiv:2603.00003, not 2603.77777"
    )
    answer = await world.bob.context_menu(world.channel, "Papers here", message)
    assert answer.ephemeral
    shown = text_of(answer.response)
    assert "2 papers in this message" in shown
    assert "in the corpus" in shown
    assert {"Details", "Propose"} <= set(buttons_of(answer.response))


async def test_a_paper_that_a_search_lacks_is_looked_up_by_its_button(world, admin, papers):
    papers.fill(1)
    answer = await world.bob.slash(world.channel, "papers", query="2603.00001")
    found = await world.bob.click(answer.response, label="Look it up")
    assert found.ephemeral
    assert "On the matter of bologia" in text_of(found.response)
    assert "Propose" in buttons_of(found.response)


async def papers_here(world, message):
    return await world.bob.context_menu(world.channel, "Papers here", message)


async def test_papers_here_pages_through_all_that_a_message_names(world, admin, papers, simcord_bot):
    papers.fill(25)
    names = " ".join(f"2603.{number:05d}" for number in range(1, 31))
    message = await world.bob.send(world.channel, names.replace("2603", "arXiv:2603"))
    answer = await papers_here(world, message)
    shown = text_of(answer.response)
    assert "30 papers in this message" in shown
    assert "Page 1 of 3" in shown
    assert len(custom_ids_of(answer.response, "Propose")) == 10
    await world.bob.click(answer.response, label="More →")
    assert "Page 2 of 3" in text_of(answer.response)
    await world.env.restart_bot(again := create_bot(simcord_bot.app))
    again.library = simcord_bot.library
    await world.bob.click(answer.response, label="More →")
    shown = text_of(answer.response).replace("\\", "")
    assert len(custom_ids_of(answer.response, "Propose")) == 5
    assert [number for number in range(26, 31) if f"arXiv:2603.{number:05d}" in shown] == [*range(26, 31)]
    assert buttons_of(answer.response)["More →"]["disabled"]


async def test_papers_here_reads_embeds_and_names_of_files(world, admin, papers):
    papers.fill(6)
    embed = discord.Embed(title="A paper", description="by arXiv:2603.00001")
    embed.add_field(name="Read", value="[here](https://huggingface.co/papers/2603.00002)")
    embed.set_footer(text="ar5iv.org/abs/2603.00003")
    embed.set_author(name="alphaXiv", url="https://www.alphaxiv.org/abs/2603.00004")
    webhook = world.ada.guild.create_webhook(world.channel, "feed")
    message = await webhook.send("", embed=embed, attachments=[("2603.00005v2.pdf", b"%PDF")])
    shown = text_of((await papers_here(world, message)).response)
    assert "5 papers in this message" in shown


async def test_papers_here_on_papercords_own_cards_shows_their_papers(world, admin):
    card = await world.ada.slash(world.channel, "paper", title="DecentLaM")
    answer = await papers_here(world, card.response)
    assert "DecentLaM" in text_of(answer.response)
    assert "BibTeX" in buttons_of(answer.response)
    found = await world.ada.slash(world.channel, "papers", query="decentralized")
    answer = await papers_here(world, found.response)
    assert custom_ids_of(answer.response, "Details") == custom_ids_of(found.response, "Details")


async def test_papers_here_reads_forwarded_messages_and_cards(world, admin, papers):
    papers.fill(1)
    message = await world.ada.send(world.channel, "https://arxiv.org/abs/2603.00001")
    forwarded = await world.bob.forward(message, world.channel)
    assert "On the matter of bologia" in text_of((await papers_here(world, forwarded)).response)
    card = await world.ada.slash(world.channel, "paper", title="DecentLaM")
    forwarded = await world.bob.forward(card.response, world.channel)
    assert "DecentLaM" in text_of((await papers_here(world, forwarded)).response)


async def test_papers_here_without_a_link_says_so(world, admin):
    message = await world.bob.send(world.channel, "hello")
    answer = await world.ada.context_menu(world.channel, "Papers here", message)
    assert "No papers here" in text_of(answer.response)


async def test_administrators_import_a_bibtex_file(world, admin):
    entry = b"@article{x, title = {Gossip on Saturn}, author = {Lee, Ann}, year = 2025, doi = {10.1000/s1}}"
    answer = await admin.slash(world.channel, "import", file=("refs.bib", entry))
    assert answer.ephemeral
    shown = text_of(answer.response)
    assert "**1** new: “Gossip on Saturn”" in shown
    assert "Announced in no channel" in shown
    empty = await world.bob.slash(world.channel, "papers", query="saturn")
    assert "Gossip on Saturn" not in (empty.response.content or text_of(empty.response))
    done = await admin.click(answer.response, label="Import")
    assert "1 paper added" in text_of(done.response)
    found = await world.bob.slash(world.channel, "papers", query="saturn")
    assert "Gossip on Saturn" in text_of(found.response)


@pytest.mark.parametrize(
    ("name", "said"), [("refs.exe", "files that end in"), ("refs.bib", "no BibTeX entry")]
)
async def test_a_file_that_is_none_is_refused(world, admin, name, said):
    answer = await admin.slash(world.channel, "import", file=(name, b"hello"))
    words = answer.response.content or text_of(answer.response)
    assert said in words.replace("\\", "")


async def test_administrators_import_references_of_every_form(world, admin):
    files = {
        "refs.ris": b"TY  - JOUR\nTI  - Of ships\nER  - \n",
        "refs.nbib": b"PMID- 1\nTI  - Of boats\n",
        "refs.enw": b"%0 Journal Article\n%T Of rafts\n",
        "refs.ciw": b"FN Clarivate Analytics Web of Science\nPT J\nTI Of canoes\nER\n",
        "refs.json": b'[{"type": "article", "title": "Of barges", "issued": {"date-parts": [[2020]]}}]',
        "refs.xml": b"<xml><records><record><titles><title>Of ferries</title></titles></record>"
        b"</records></xml>",
    }
    for name, content in files.items():
        answer = await admin.slash(world.channel, "import", file=(name, content))
        assert "**1** new" in text_of(answer.response), name


async def test_the_preview_names_the_channels_that_would_be_told_and_what_is_joined_and_refused(
    world, admin, simcord_bot
):
    first = b"@article{x, title = {Gossip on Saturn}, author = {Lee, Ann}, year = 2025, doi = {10.1000/s1}}"
    answer = await admin.slash(world.channel, "import", file=("refs.bib", first))
    await admin.click(answer.response, label="Import")
    subscriptions.add(
        simcord_bot.app,
        guild_id=simcord_bot.guilds[0].id,
        channel_id=world.channel.id,
        creator_id=admin.id,
        filters=Filters(query="titan"),
    )
    lines = (
        b'{"id": "a", "title": "Gossip on Saturn", "authors": ["Ann Lee"], "doi": "10.1000/s1"}\n'
        b'{"id": "b", "title": "Titan from afar", "authors": ["Bo Berg"]}\n'
        b'{"id": "c"}\n'
    )
    answer = await admin.slash(world.channel, "import", file=("rows.jsonl", lines))
    shown = text_of(answer.response)
    assert "**1** new: “Titan from afar”" in shown
    assert "**1** joined to papers that other entries describe: “Gossip on Saturn” (doi 10" in shown
    assert "**1** refused" in shown
    assert f"Announced in <#{world.channel.id}> (1 paper)" in shown
    assert "data" not in shown.partition("⚠")[2]
    strict = await admin.slash(world.channel, "import", file=("rows.jsonl", lines), strict=True)
    assert "Nothing would be imported" in text_of(strict.response)
    assert "Import" not in buttons_of(strict.response)


async def test_a_preview_is_imported_once_within_15_minutes_and_then_deleted(
    world, admin, simcord_bot, clock
):
    folder = simcord_bot.app.settings.data_dir / "uploads"
    entry = b"@article{x, title = {Gossip on Saturn}, author = {Lee, Ann}, year = 2025}"
    answer = await admin.slash(world.channel, "import", file=("refs.bib", entry))
    assert [path.name for path in folder.rglob("*.bib")] == ["refs.bib"]
    clock.now += dt.timedelta(minutes=16)
    late = await admin.click(answer.response, label="Import")
    assert "older than 15 minutes" in str(
        late.followups[0].content if late.followups else late.response.content
    )
    again = await admin.slash(world.channel, "import", file=("refs.bib", entry))
    assert len(list(folder.iterdir())) == 1
    await admin.click(again.response, label="Import")
    assert list(folder.iterdir()) == []


async def test_members_may_not_import(world, admin):
    answer = await world.bob.slash(world.channel, "import", file=("refs.bib", b"@misc{x, title={T}}"))
    assert "PAPERCORD" in answer.response.content


async def test_privacy_names_looked_up_papers_and_added_sources_and_deletes_both(world, admin, papers):
    papers.fill(3)
    # First the paper: the check of the source, which begins at once, may import it.
    card = await admin.slash(world.channel, "add", paper="2603.00002")
    await admin.slash(world.channel, "sources add", kind="arxiv category", value="cs.LG")
    answer = await admin.slash(world.channel, "privacy")
    shown = text_of(answer.response)
    assert "/add" in shown
    assert "/sources" in shown
    assert "**1 looked-up paper** and **1 added source** are stored now" in shown
    await admin.click(answer.response, label="Delete what is stored of me")
    await admin.click(answer.response, label="Delete")
    assert "1 looked-up paper and 1 added source of yours are gone" in text_of(answer.response)
    again = await admin.slash(world.channel, "privacy")
    assert "**0 searches** are stored now" in text_of(again.response)
    gone = await admin.click(card.response, label="Add")
    assert "too long ago" in str(gone.followups[0].content if gone.followups else gone.response.content)


async def test_the_sources_are_asked_after_their_commands_were_loaded_anew(
    world, admin, simcord_bot: Papercord, papers: Papers, server: Loopback
):
    papers.fill(3)
    await admin.slash(world.channel, "sources add", kind="arxiv category", value="cs.LG")
    await check_everything(simcord_bot)
    before = simcord_bot.get_cog("Sources")

    await simcord_bot.reload_extension("cogs.sources.commands")
    papers.fill(2)
    asked = len(server.seen)
    await admin.slash(world.channel, "sources check")
    await check_everything(simcord_bot)

    assert simcord_bot.get_cog("Sources") is not before
    assert len(server.seen) > asked
    (status,) = source_statuses(simcord_bot.app)
    assert status.error is None


async def test_workers_that_were_closed_begin_nothing(
    world, admin, simcord_bot: Papercord, papers: Papers, server: Loopback
):
    papers.fill(3)
    workers = simcord_bot.get_cog("Sources").workers
    await simcord_bot.in_thread(workers.close)
    await admin.slash(world.channel, "sources add", kind="arxiv category", value="cs.LG")
    await simcord_bot.in_thread(workers.wake)
    assert server.seen == []
