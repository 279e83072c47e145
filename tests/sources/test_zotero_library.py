"""Papers are put into a library of Zotero, each once; what goes wrong there is said in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.errors import RefusedError
from bot.papers.results import Paper
from bot.sources.library import Library
from bot.sources.zotero_library import may_write, push
from tests.apps import close_app, open_app
from tests.fetch.loopback import Loopback, Reply, Seen, Ticks
from tests.sources.made_zotero import GROUP_NUMBER, KEY, MadeZotero
from tests.test_config import load_settings


@pytest.fixture
def zotero(server: Loopback) -> MadeZotero:
    made = MadeZotero()
    server.answer = made
    return made


@pytest.fixture
def app(tmp_path: Path, prepared_databases: Callable[[str], str]) -> Iterator[App]:
    folder = tmp_path / "data"
    folder.mkdir()
    copyfile(prepared_databases("sqlite").removeprefix("sqlite:///"), folder / "papercord.db")
    app = open_app(folder)
    yield app
    close_app(app)


@pytest.fixture
def desk(app: App) -> App:
    changes = {"zotero_library": GROUP_NUMBER, "zotero_key": SecretStr(KEY)}
    return replace(app, settings=app.settings.model_copy(update=changes))


def papers(count: int, **facts: object) -> list[Paper]:
    return [
        Paper(
            id=number,
            source_id=f"t{number}",
            attributed_to=(),
            **{
                "title": f"Paper of number {number}",
                "authors": ("Ada Berg", "The Team of Eight"),
                "published": "2026-03-02",
                "abstract": "It converges.",
                "arxiv_id": f"2603.{number:05}",
                **facts,
            },
        )
        for number in range(1, count + 1)
    ]


def test_papers_are_put_there_once_in_requests_of_fifty(
    desk: App, library: Library, zotero: MadeZotero, server: Loopback
):
    done = push(desk, library, papers(120))
    assert (done.added, done.known, done.left, done.refused) == (120, 0, 0, [])
    assert zotero.writes == 3
    first = zotero.items[0]["data"]
    assert first["itemType"] == "preprint"
    assert first["archiveID"] == "arXiv:2603.00001"
    assert first["creators"] == [
        {"creatorType": "author", "firstName": "Ada", "lastName": "Berg"},
        {"creatorType": "author", "name": "The Team of Eight"},
    ]
    again = push(desk, library, papers(121))
    assert (again.added, again.known) == (1, 120)
    assert len(zotero.items) == 121
    assert KEY not in "".join(seen.target for seen in server.seen)


@pytest.mark.parametrize(
    "there",
    [
        {"DOI": "https://doi.org/10.1000/ABC"},
        {"extra": "arXiv: 2603.00001v2 [cs.LG]"},
        {"url": "https://arxiv.org/abs/2603.00001"},
        {"title": "Paper of Number 1!", "creators": [{"creatorType": "author", "name": "Ada Berg"}]},
    ],
)
def test_what_people_put_there_by_hand_is_not_doubled(desk, library, zotero, there):
    data = {"itemType": "journalArticle", "title": "Otherwise called", "creators": [], **there}
    zotero.items += [
        {"key": f"NOTE{number:04}", "data": {"itemType": "note", "note": "…"}} for number in range(150)
    ]
    zotero.items.append({"key": "HAND0001", "data": data})
    done = push(desk, library, papers(1, doi="10.1000/abc"))
    assert (done.added, done.known) == (0, 1)


def test_our_own_key_finds_a_paper_that_somebody_edited(desk, library, zotero):
    (paper,) = papers(1, arxiv_id=None, venue="Journal of Tests", pages="1-9")
    push(desk, library, [paper])
    data = zotero.items[0]["data"]
    assert (data["itemType"], data["publicationTitle"], data["pages"]) == (
        "journalArticle",
        "Journal of Tests",
        "1-9",
    )
    data["title"], data["creators"] = "A better title", []
    assert push(desk, library, [paper]).known == 1
    other = paper.model_copy(update={"venue": "Proceedings of ICML", "title": "Another one"})
    assert push(desk, library, [other]).added == 1
    assert zotero.items[1]["data"]["proceedingsTitle"] == "Proceedings of ICML"


def test_what_zotero_does_not_take_is_named_and_the_rest_is_there(desk, library, zotero):
    wanted = papers(3)
    wanted[1] = wanted[1].model_copy(update={"title": "Refused"})
    done = push(desk, library, wanted)
    assert (done.added, done.refused) == (2, ["Refused: Zotero does not like it"])


def test_what_is_too_large_together_goes_by_halves(desk, library, zotero):
    wanted = papers(8)
    wanted[5] = wanted[5].model_copy(update={"abstract": "x" * 5_000})
    zotero.most_bytes = 2_000
    done = push(desk, library, wanted)
    assert done.added == 7
    assert done.refused == ["Paper of number 6: it is too large for Zotero"]


def test_an_answer_that_is_lost_doubles_nothing(desk, library, zotero):
    zotero.loses_answer = True
    assert push(desk, library, papers(3)).added == 3
    assert (len(zotero.items), zotero.writes) == (3, 2)


def test_the_pace_that_zotero_asks_for_is_kept(desk, library, zotero, clock: Ticks):
    zotero.refusing = [Reply(b"", 429, {"Retry-After": "20"})]
    assert push(desk, library, papers(2)).added == 2
    assert max(clock.slept) >= 20


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([Reply(b"", 403)], "Zotero refuses the key"),
        ([Reply(b"", 409)], "locked the library"),
        ([Reply(b"", 429, {"Retry-After": "600"})], "Try again in 10 minutes."),
        ([Reply(b"", 503)] * 9, "Try again later."),
        ([Reply(b"<html>sorry</html>")] * 9, "Try again later."),
        ([Reply(b"{}")] * 9, "did not say which items it took"),
    ],
)
def test_what_goes_wrong_is_said_with_what_is_there_already(
    desk, library, zotero: MadeZotero, server: Loopback, replies, said
):
    def at_the_second_request(seen: Seen) -> Reply:
        if seen.method == "POST" and zotero.writes == 1:
            zotero.refusing = list(replies)
        return zotero(seen)

    server.answer = at_the_second_request
    with pytest.raises(RefusedError) as caught:
        push(desk, library, papers(60))
    message = str(caught.value)
    assert said in message
    assert "50 papers were put there before that; the next push goes on." in message
    assert KEY not in message


def test_settings_are_needed_and_a_library_that_is_there(app, desk, library, zotero):
    with pytest.raises(RefusedError, match="PAPERCORD_ZOTERO_LIBRARY"):
        push(app, library, papers(1))
    keyless = replace(desk, settings=desk.settings.model_copy(update={"zotero_key": None}))
    with pytest.raises(RefusedError, match="PAPERCORD_ZOTERO_KEY"):
        push(keyless, library, papers(1))
    elsewhere = replace(desk, settings=desk.settings.model_copy(update={"zotero_library": 5}))
    with pytest.raises(RefusedError, match="no group 5"):
        push(elsewhere, library, papers(1))
    zotero.may_write = False
    with pytest.raises(RefusedError, match=r"^Zotero refuses the key \(status 403\)[^.]*\."):
        push(desk, library, papers(1))
    assert json.dumps(zotero.items) == "[]"


def test_only_named_servers_write_or_the_only_one(tmp_path: Path):
    named = {"PAPERCORD_ZOTERO_SERVERS": "77, 78", "PAPERCORD_ZOTERO_LIBRARY": "5"}
    settings = load_settings(named, tmp_path / "none")
    assert settings.zotero_library == 5
    assert [may_write(settings, one, is_only_server=True) for one in (77, 78, 79)] == [True, True, False]
    nobody = load_settings({}, tmp_path / "none")
    assert may_write(nobody, 77, is_only_server=True)
    assert not may_write(nobody, 77, is_only_server=False)
