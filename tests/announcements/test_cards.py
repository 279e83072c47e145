"""What is posted, within Discord's limits and free of what texts from outside would do."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.announcements.markers import fingerprint_of, new_nonce, new_tag, read_marker
from bot.announcements.results import MessageKind, MessageSpec
from bot.discord_app.transport import custom_ids
from bot.discord_app.wording import fact_words
from bot.papers.results import Paper
from bot.store.models import PlaceKind
from cogs.notify.announcement_cards import compose
from tests.conftest import shared_path
from tests.discord_app.requests import walk
from tests.loopback_discord.reading import problem_of, text_of

PAPER = Paper(
    id=10**12,
    source_id="x",
    title="A title",
    authors=("Ada Example",),
    authors_truncated=False,
    attributed_to=(),
    field="LG",
    categories=(),
    published="2026-03-01",
    published_inferred=False,
    abstract="It converges.",
    url="https://example.org/1",
    has_code=False,
    code_url="https://github.com/a/b",
    venue=None,
    citations=None,
    score=75.3,
    doi=None,
    arxiv_id=None,
)
NASTY = st.one_of(
    st.text(max_size=500),
    st.sampled_from(
        ["@everyone **x** `y` ](https://evil)", "$\\alpha$ " * 60, "W" * 400, "*" * 400, "\u202eabc"]
    ),
)


@st.composite
def messages(draw):
    kind = draw(st.sampled_from([MessageKind.CARD, MessageKind.GROUP, MessageKind.FLOOD, MessageKind.DIGEST]))
    count = 1 if kind is MessageKind.CARD else draw(st.integers(1, 14))
    papers = {}
    for number in range(count):
        drawn = {
            "id": 10**12 + number,
            "title": draw(NASTY) or "?",
            "authors": tuple(draw(st.lists(NASTY, max_size=8))),
            "attributed_to": tuple(draw(st.lists(NASTY, max_size=2))),
            "field": draw(NASTY),
            "abstract": draw(NASTY) * 12,
            "url": draw(st.sampled_from([None, "https://example.org/" + "a" * 450, "javascript:x"])),
        }
        papers[10**12 + number] = PAPER.model_copy(update=drawn)
    reasons = tuple(draw(st.lists(NASTY, min_size=1, max_size=25)))
    spec = MessageSpec(
        kind=kind,
        papers=tuple(papers),
        total=draw(st.integers(count, 10**6)),
        matched=dict.fromkeys(papers, reasons),
        reasons=reasons,
        command=draw(st.none() | NASTY),
        roles=tuple(draw(st.lists(st.integers(10**17, 10**18), max_size=3, unique=True))),
        part=1,
        parts=draw(st.integers(1, 10)),
    )
    return spec, papers


@settings(max_examples=150, deadline=None)
@given(messages())
def test_whatever_the_texts_a_message_keeps_discords_limits_and_pings_nobody_else(message):
    spec, papers = message

    payload = compose(spec, papers, new_nonce(new_tag())).payload

    assert problem_of(payload) is None
    # A command stands in a code span, where nothing is escaped and nothing pings.
    text = "\n".join(line for line in text_of(payload).splitlines() if not line.startswith("All of them: `"))
    for role in spec.roles:
        text = text.replace(f"<@&{role}>", "")
    assert not any(text[place - 1] != "\\" for place in range(len(text)) if text[place] == "@")
    assert payload["allowed_mentions"] == {"parse": [], "roles": [str(role) for role in spec.roles]}


@settings(max_examples=25, deadline=None)
@given(messages())
def test_messages_are_valid_under_discords_published_description(message):
    from jsonschema import Draft202012Validator

    description = json.loads(shared_path("docs/discord-openapi.json").read_text(encoding="utf-8"))
    schema = {
        "$ref": "#/components/schemas/MessageCreateRequest",
        "components": description["components"],
    }
    spec, papers = message

    payload = compose(spec, papers, new_nonce(new_tag())).payload

    errors = list(Draft202012Validator(schema).iter_errors(payload))
    assert not errors, errors[0].message

    # Its tags are named by fields; the request has the ids of those that the forum has.
    schema["$ref"] = "#/components/schemas/CreateForumThreadRequest"
    post = compose(replace(spec, place=PlaceKind.FORUM), papers, new_nonce(new_tag())).payload
    errors = list(Draft202012Validator(schema).iter_errors(post | {"applied_tags": ["17"] * 5}))
    assert not errors, errors[0].message
    assert post["name"].strip()
    assert problem_of(post["message"]) is None


def test_a_posted_card_can_be_found_again_by_its_marks():
    nonce = new_nonce(new_tag())
    spec = MessageSpec(kind=MessageKind.CARD, papers=(PAPER.id,), total=1, reasons=("all papers",))

    payload = compose(spec, {PAPER.id: PAPER}, nonce).payload

    marks = [mark for each in custom_ids(payload["components"]) if (mark := read_marker(each))]
    assert {(mark.nonce, mark.fingerprint) for mark in marks} == {(nonce, fingerprint_of(PAPER))}
    assert payload["nonce"] == nonce
    assert payload["enforce_nonce"] is True
    assert fingerprint_of(
        PAPER.model_copy(update={"id": 5, "title": "A  Title.", "score": None})
    ) == fingerprint_of(PAPER)
    assert fingerprint_of(PAPER.model_copy(update={"authors": ("Bo Other",)})) != fingerprint_of(PAPER)


def test_the_line_of_facts_names_the_venue_where_it_is_known():
    lines = [
        fact_words(PAPER.model_copy(update={"venue": venue}))
        for venue in (None, "arXiv (Cornell University)", "*ICML* 2026")
    ]
    assert lines[0] == lines[1] == "LG · 1 Mar 2026 · score 75.3 · Code"
    assert lines[2] == "LG · 1 Mar 2026 · \\*ICML\\* 2026 · score 75.3 · Code"


def test_several_papers_have_one_menu_that_also_fits_direct_messages():
    papers = {number: PAPER.model_copy(update={"id": number, "title": "*" * 400}) for number in range(1, 15)}
    for kind in (MessageKind.DIGEST, MessageKind.FLOOD):
        for place, words in ((PlaceKind.CHANNEL, "Vote or save"), (PlaceKind.DIRECT, "Save")):
            spec = MessageSpec(kind=kind, papers=tuple(papers), total=20, roles=(5,), place=place)
            payload = compose(spec, papers, new_nonce(new_tag())).payload
            assert problem_of(payload) is None
            (menu,) = [each for each in walk(payload["components"]) if each["type"] == 3]
            assert menu["placeholder"] == words
            assert len(menu["options"]) >= 10
