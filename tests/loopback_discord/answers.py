"""Answers in Discord's form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

VIA = {"Via": "1.1 google"}
"""Without it, discord.py takes a 429 for one of Cloudflare's."""


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON, as discord.py reads it only where the type says just that, without a character set."""
    return web.Response(
        body=json.dumps(body).encode(),
        status=status,
        content_type="application/json",
        headers=VIA | dict(headers or {}),
    )


def error(status: int, code: int, message: str) -> web.Response:
    """An error with a code of Discord's."""
    return answer({"code": code, "message": message}, status)


def upstream_error(status: int) -> web.Response:
    """An error of what stands before Discord."""
    return web.Response(status=status, text="upstream error", headers=VIA)


def page(status: int) -> web.Response:
    """A page of a proxy, for people."""
    return web.Response(status=status, text="<html><h1>Not Found</h1></html>", content_type="text/html")


def banned() -> web.Response:
    """What Cloudflare answers an address that it keeps away from Discord."""
    return web.Response(status=429, text="error code: 1015", headers={"Retry-After": "120"})


def rate_limited(retry_after: float) -> web.Response:
    """Too many requests."""
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": False}
    return answer(body, 429)


def missing_permissions() -> web.Response:
    """The bot may not do that."""
    return error(403, 50013, "Missing Permissions")


def unauthorized() -> web.Response:
    """The token is not known."""
    return error(401, 0, "401: Unauthorized")


def unknown_channel() -> web.Response:
    """There is no such channel."""
    return error(404, 10003, "Unknown Channel")


def unknown_server() -> web.Response:
    """There is no such server."""
    return error(404, 10004, "Unknown Guild")


def unknown_message() -> web.Response:
    """There is no such message, or no longer."""
    return error(404, 10008, "Unknown Message")


NAMED_FAULTS: Mapping[int | str, Callable[[], web.Response]] = {
    "ban": banned,
    "command limit": lambda: error(
        400, 30034, "Max number of daily application command creates has been reached"
    ),
    "page": lambda: page(404),
    "no server": unknown_server,
    403: missing_permissions,
    404: unknown_channel,
    "old edits": lambda: web.json_response(
        {"code": 30046, "message": "Maximum number of edits to messages older than 1 hour reached."},
        status=429,
    ),
    "closed": lambda: error(403, 50007, "Cannot send messages to this user"),
    "locked": lambda: error(403, 160005, "Thread is locked"),
    "400 50001": lambda: error(400, 50001, "Missing Access"),
    "400 50013": lambda: error(400, 50013, "Missing Permissions"),
}
"""What a fault of this kind answers."""
