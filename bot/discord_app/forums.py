"""Posts of forums and media channels: their tags, and how one is found again.

Discord takes no nonce for them, so that a second request makes a second post. Whether there is one already is
looked up by the marker in its first message, among the threads that the bot began since the attempt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple

import discord
from discord.http import Route

from bot.announcements.markers import MessageMarker
from bot.discord_app.safe_text import safe

MOST_TAGS = 5
"""That a post can have."""
REQUIRES_TAG = 1 << 4
"""The flag of a forum whose posts need a tag."""
PAGE = 100
MOST_PAGES = 50
GENERAL_TAGS = ("papers", "paper", "new papers", "news", "research", "other", "general", "misc")
"""Names of tags that suit any paper, where a tag is needed and none is named as its field."""

Ask = Callable[[Route, dict[str, Any]], Awaitable[Any]]
"""Makes a request that changes nothing; given its route and query."""


class Tag(NamedTuple):
    """A tag of a forum that the bot may give."""

    id: int
    name: str


def chosen_tags(tags: Sequence[Tag], fields: Collection[str], *, required: bool) -> list[Tag]:
    """The tags of a post about papers of some fields; where one is required and none fits, a general one."""
    by_name = {folded(tag.name): tag for tag in reversed(tags)}
    fitting = [by_name[name] for name in dict.fromkeys(map(folded, fields)) if name in by_name]
    if fitting or not required:
        return fitting[:MOST_TAGS]
    general = [by_name[name] for name in GENERAL_TAGS if name in by_name]
    return (general or list(tags))[:1]


def tags_of(forum: discord.ForumChannel) -> list[Tag]:
    """The tags of a forum that the bot may give; others only moderators may."""
    return [Tag(tag.id, tag.name) for tag in forum.available_tags if not tag.moderated]


def tag_words(forum: discord.ForumChannel) -> str:
    """Which tags posts get in a forum, for who adds a subscription there."""
    if not forum.flags.require_tag:
        return "A post gets the tags that are named as the fields of its papers."
    (general,) = chosen_tags(tags_of(forum), (), required=True)
    return (
        "A post needs a tag there: it gets those that are named as the fields of its papers, "
        f"or else “{safe(general.name)}”."
    )


def folded(name: str) -> str:
    """A field or tag for comparing: case and the archive of a field ("cs.LG") do not matter."""
    return " ".join(name.casefold().rpartition(".")[2].split())


class ForumPosts:
    """Looks at the posts of forums."""

    def __init__(
        self, ask: Ask, markers_of: Callable[[dict[str, Any]], list[MessageMarker]], own_id: int
    ) -> None:
        self._ask = ask
        self._markers_of = markers_of
        self._own_id = str(own_id)

    async def tags_for(self, forum_id: int, fields: Sequence[str]) -> list[str]:
        """The ids of the tags that a post gets in a forum as it is now."""
        forum = await self._ask(Route("GET", "/channels/{channel_id}", channel_id=forum_id), {})
        tags = [
            Tag(int(tag["id"]), tag["name"])
            for tag in forum.get("available_tags", [])
            if not tag.get("moderated")  # only moderators may give it
        ]
        required = bool(forum.get("flags", 0) & REQUIRES_TAG)
        return [str(tag.id) for tag in chosen_tags(tags, fields, required=required)]

    async def find(
        self, guild_id: int, forum_id: int, nonce: str, name: str, since: dt.datetime
    ) -> tuple[int | None, bool]:
        """The post with a nonce that was begun since a moment, and whether it could be found out.

        Those that have the name are looked at first.
        """
        is_certain = True
        after = discord.utils.time_snowflake(since)
        threads = [
            thread
            async for page in self.own_threads(guild_id, forum_id, since)
            for thread in page
            if int(thread["id"]) > after
        ]
        for thread in sorted(threads, key=lambda thread: thread["name"] != name):
            first = await self.first_messages(int(thread["id"]))
            if any(marker.nonce == nonce for message in first for marker in self._markers_of(message)):
                return int(thread["id"]), True
            # Without the permission to read it, a thread is shown without messages.
            is_certain = is_certain and bool(first)
        return None, is_certain

    async def own_threads(
        self, guild_id: int, forum_id: int, since: dt.datetime | None = None
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """The threads of a forum that the bot began, page by page: the active ones, then the archived ones.

        Those are left out that were archived before a moment.
        """
        active = await self._ask(Route("GET", "/guilds/{guild_id}/threads/active", guild_id=guild_id), {})
        yield self._own(active["threads"], forum_id)
        archived = Route("GET", "/channels/{channel_id}/threads/archived/public", channel_id=forum_id)
        query: dict[str, Any] = {"limit": PAGE}
        for _ in range(MOST_PAGES):
            page = await self._ask(archived, query)
            yield self._own(page["threads"], forum_id)
            if not page["has_more"] or not page["threads"]:
                return
            query["before"] = page["threads"][-1]["thread_metadata"]["archive_timestamp"]
            if since is not None and dt.datetime.fromisoformat(query["before"]) < since:
                return

    def _own(self, threads: Sequence[dict[str, Any]], forum_id: int) -> list[dict[str, Any]]:
        return [
            thread
            for thread in threads
            if thread["owner_id"] == self._own_id and thread.get("parent_id") == str(forum_id)
        ]

    async def first_messages(self, thread_id: int) -> list[dict[str, Any]]:
        """The first messages of a post, oldest last; the very first has the id of the thread."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=thread_id)
        return await self._ask(route, {"limit": PAGE, "after": thread_id - 1})
