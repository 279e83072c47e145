"""Channels: what stands in them, what the bot may do there, and how many posts they take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Channel:
    """A channel of the loopback Discord."""

    id: str
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    may_send: bool = True
    may_publish: bool = True
    may_read_history: bool = True
    exists: bool = True
    unknown_as: int | str = 404
    """What is answered where it does not exist: 404 for the channel, or "no server"."""
    type: int = 0
    published: list[float] = field(default_factory=list)
    """When messages of it were published, in seconds since 1970; a test may add others' messages."""
    tags: list[dict[str, Any]] = field(default_factory=list)
    """Of a forum."""
    requires_tag: bool = False
    parent: str | None = None
    """The channel of a thread."""
    owner: str = ""
    name: str = ""
    applied_tags: list[str] = field(default_factory=list)
    archived_at: float | None = None
    locked: bool = False
    refuses: int | str | None = None
    """The kind of answer that every post gets, see NAMED_FAULTS; None: they are taken."""
    left: int = 5
    resets_at: float = 0.0

    def visible(self) -> list[dict[str, Any]]:
        """What a reader sees, oldest first."""
        return [message for key, message in self.messages.items() if key not in self.deleted]

    def page(self, limit: int, *, after: str | None, before: str | None) -> list[dict[str, Any]]:
        """A page of its history, newest first."""
        if not self.may_read_history:
            return []
        messages = sorted(self.visible(), key=lambda message: int(message["id"]))
        if after:
            messages = [message for message in messages if int(message["id"]) > int(after)][:limit]
        elif before:
            messages = [message for message in messages if int(message["id"]) < int(before)][-limit:]
        else:
            messages = messages[-limit:]
        return messages[::-1]

    def take_place(self, bucket: tuple[int, float], now: float) -> float | None:
        """Take a place among so many posts in so many seconds; where there is none, for how long to wait."""
        size, seconds = bucket
        if now >= self.resets_at:
            self.left, self.resets_at = size, now + seconds
        if self.left == 0:
            return self.resets_at - now
        self.left -= 1
        return None

    def limit_headers(self, bucket: tuple[int, float], now: float, timestamp: float) -> dict[str, str]:
        """What Discord says of its limits."""
        rest = max(0.0, self.resets_at - now)
        return {
            "X-RateLimit-Limit": str(bucket[0]),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset-After": f"{rest:.3f}",
            "X-RateLimit-Reset": f"{timestamp + rest:.3f}",
            "X-RateLimit-Bucket": "posts",
        }
