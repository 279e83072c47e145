"""Commands typed as one line: what they mean, and what is said of what they lack."""

from __future__ import annotations

import discord
import pytest

from bot.discord_app.local_page import TypedCommand, read_line
from bot.discord_app.replies import BadInputError

THINGS = {"new-papers": "the channel", "managers": "the role"}


def read(world, line: str) -> TypedCommand | None:
    return read_line(world.env.bot.tree, line, lambda _kind, name: THINGS.get(name))


@pytest.mark.parametrize(
    ("line", "name", "options"),
    [
        ("/about", "about", {}),
        ("/papers decentralized", "papers", {"query": "decentralized"}),
        ("/papers  graph learning  since:2021", "papers", {"query": "graph learning", "since": "2021"}),
        ("/papers since:2021 query:time: a study", "papers", {"query": "time: a study", "since": "2021"}),
        ("/papers graph code:yes sort:newest", "papers", {"query": "graph", "code": True, "sort": "newest"}),
        ("/compare first:Pan Pan second:Kun Yuan", "compare", {"first": "Pan Pan", "second": "Kun Yuan"}),
        ("/compare Pan Pan second: Kun Yuan", "compare", {"first": "Pan Pan", "second": "Kun Yuan"}),
        ("/notify list", "notify list", {}),
        ("/Notify List Channel:#new-papers", "notify list", {"channel": "the channel"}),
        (
            "/notify add graph when:weekly day:Friday at:9:00 role:@managers min_score:4.5",
            "notify add",
            {
                "query": "graph",
                "when": "weekly",
                "day": 4,
                "at": "9:00",
                "role": "the role",
                "min_score": 4.5,
            },
        ),
        ("/notify edit 3 clear:query", "notify edit", {"subscription": 3, "clear": "query"}),
    ],
)
async def test_a_line_is_the_command_that_it_says(world, line, name, options):
    read_command = read(world, line)
    assert read_command is not None
    assert (read_command.name, dict(read_command.options)) == (name, options)


@pytest.mark.parametrize("line", ["", "hello", "see /papers"])
async def test_what_does_not_begin_with_a_slash_is_talk(world, line):
    assert read(world, line) is None


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/compare Pan Pan, Kun Yuan", "/compare lacks second."),
        ("/compare", "/compare lacks first and second."),
        ("/papers", "/papers lacks query."),
        ("/papers since:2021", "/papers lacks query."),
        ("/papers query:", "query is empty"),
        ("/papers a query:b", "belongs to no option"),
        ("/papers query:a query:b", "query is given twice"),
        ("/papers a sort:sideways", "none of"),
        ("/papers a code:perhaps", "code: type true or false"),
        ("/about me", "/about takes no options"),
        ("/", "There is no command /."),
        ("/nonsense", "There is no command /nonsense."),
        ("/notify", "/notify is followed by one of"),
        ("/notify dance", "/notify has no dance"),
        ("/notify list channel:#nowhere", "channel: there is no channel"),
        ("/notify edit x", "subscription: “x” is no number"),
        ("/import file:papers.jsonl", "a file cannot be typed"),
    ],
)
async def test_what_a_line_lacks_is_said(world, line, sentence):
    with pytest.raises(BadInputError) as caught:
        read(world, line)
    assert sentence in discord.utils.remove_markdown(str(caught.value))
