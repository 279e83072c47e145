"""Forums of the loopback Discord: posts, which are threads of their own, and the lists of threads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from aiohttp import web

from tests.loopback_discord.answers import answer, error
from tests.loopback_discord.channels import Channel
from tests.loopback_discord.reading import problem_of

REQUIRES_TAG = 1 << 4


def problem_of_post(forum: Channel, body: dict[str, Any]) -> web.Response | None:
    """Why Discord would refuse a post."""
    if not 1 <= len(body["name"]) <= 100:
        return error(400, 50035, "name: Must be between 1 and 100 in length.")
    tags = body.get("applied_tags", [])
    if len(tags) > 5 or not set(tags) <= {tag["id"] for tag in forum.tags if not tag["moderated"]}:
        return error(400, 50035, "applied_tags: Invalid tag")
    if forum.requires_tag and not tags:
        return error(400, 40067, "A tag is required to create a forum post in this channel")
    if "nonce" in body["message"]:
        return error(400, 50035, "message: takes no nonce")
    problem = problem_of(body["message"])
    return error(400, 50035, problem) if problem else None


def described(channel: Channel) -> dict[str, Any]:
    """A channel as `GET /channels/{id}` answers it."""
    if channel.parent is not None:
        return thread_of(channel)
    flags = REQUIRES_TAG if channel.requires_tag else 0
    return {"id": channel.id, "type": channel.type, "flags": flags, "available_tags": channel.tags}


def thread_of(post: Channel) -> dict[str, Any]:
    """A thread as the lists have it."""
    return {
        "id": post.id,
        "type": 11,
        "parent_id": post.parent,
        "owner_id": post.owner,
        "name": post.name,
        "applied_tags": post.applied_tags,
        "thread_metadata": {
            "archived": post.archived_at is not None,
            "archive_timestamp": dt.datetime.fromtimestamp(post.archived_at or 0, dt.UTC).isoformat(),
            "locked": post.locked,
        },
    }


def active(threads: list[Channel]) -> web.Response:
    """The active threads of a server."""
    found = [thread_of(each) for each in threads if each.exists and each.archived_at is None]
    return answer({"threads": found, "members": [], "has_more": False})


def archived(threads: list[Channel], query: Any) -> web.Response:
    """A page of the archived threads of a channel, the last archived first."""
    found = [each for each in threads if each.exists and each.archived_at is not None]
    if before := query.get("before"):
        moment = dt.datetime.fromisoformat(before).timestamp()
        found = [each for each in found if (each.archived_at or 0) < moment]
    found.sort(key=lambda each: each.archived_at or 0, reverse=True)
    limit = int(query.get("limit", 50))
    page = [thread_of(each) for each in found[:limit]]
    return answer({"threads": page, "members": [], "has_more": len(found) > limit})
