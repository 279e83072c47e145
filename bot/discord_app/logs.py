"""The log of the running bot: through a queue, so that no disk blocks the loop, and without secrets."""

from __future__ import annotations

import datetime as dt
import logging
import queue
import re
from collections.abc import Generator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener

import aiohttp
import discord
import orjson

from bot.errors import one_line

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
HIDDEN = "[hidden]"

_NOT_TAKEN = (discord.HTTPException, aiohttp.ClientError, OSError)
_TREE = logging.getLogger("discord.app_commands.tree")

# At DEBUG these write whole events, answers and addresses: what people type, and the tokens of interactions.
_SHOW_CONTENTS = ("discord.gateway", "discord.http", "discord.webhook.async_", "urllib3")

# Interactions and webhooks have their tokens in their addresses, and in a field of their events.
_TOKEN_IN_ADDRESS = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.~-]{16,}")
_TOKEN_IN_FIELD = re.compile(r"""(["']token["']\s*:\s*["'])[^"']+""")


class RedactingFormatter(logging.Formatter):
    """Hides the bot's token and the tokens of interactions, in tracebacks, too."""

    def __init__(self, *secrets: str) -> None:
        super().__init__(FORMAT)
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        """The line without any secret."""
        return self.redacted(super().format(record))

    def redacted(self, text: str) -> str:
        """A text without any secret."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _TOKEN_IN_FIELD.sub(rf"\g<1>{HIDDEN}", text)
        return _TOKEN_IN_ADDRESS.sub(rf"\g<1>{HIDDEN}", text)


class JsonFormatter(RedactingFormatter):
    """One JSON object a line: time in UTC, level, logger and message; a traceback is part of the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line without any secret."""
        entry = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.redacted(record.getMessage()),
        }
        return orjson.dumps(entry, default=str).decode()


class _ShortSuggestions(logging.Filter):
    """Makes one quiet line of suggestions that Discord did not take, which discord.py logs as an error."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record."""
        error = record.exc_info[1] if record.exc_info else None
        if record.msg.startswith("Ignoring exception in autocomplete") and isinstance(error, _NOT_TAKEN):
            record.msg, record.args = "Suggestions were not shown (%s).", (one_line(error),)
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return record.levelno >= logging.getLogger().level


@contextmanager
def queued_logs(level: str, *secrets: str, as_json: bool = False) -> Generator[None, None, None]:
    """Log to stderr from a thread of its own while the bot runs; all is written at the end."""
    output = logging.StreamHandler()
    output.setFormatter((JsonFormatter if as_json else RedactingFormatter)(*secrets))
    shorten = _ShortSuggestions()
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = QueueHandler(waiting)
    listener = QueueListener(waiting, output)
    root = logging.getLogger()
    levels = {logger: logger.level for logger in (root, *_least_levels(level))}
    before = root.handlers[:]
    root.handlers[:] = [handler]
    root.setLevel(level)
    for logger, least in _least_levels(level).items():
        logger.setLevel(least)
    listener.start()
    _TREE.addFilter(shorten)
    try:
        yield
    finally:
        _TREE.removeFilter(shorten)
        listener.stop()
        root.handlers[:] = before
        for logger, level_before in levels.items():
            logger.setLevel(level_before)


def _least_levels(level: str) -> dict[logging.Logger, int]:
    """The loggers that write less than the others."""
    least = {logging.getLogger(name): logging.INFO for name in _SHOW_CONTENTS}
    if level != "DEBUG":
        # Lines of our own say when sessions begin and end.
        least = dict.fromkeys([*least, logging.getLogger("discord")], logging.WARNING)
    return least
