"""The log of the running bot: through a queue, so that no disk blocks the loop, and without secrets."""

from __future__ import annotations

import logging
import queue
import re
from collections.abc import Generator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
HIDDEN = "[hidden]"

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
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        line = _TOKEN_IN_FIELD.sub(rf"\g<1>{HIDDEN}", line)
        return _TOKEN_IN_ADDRESS.sub(rf"\g<1>{HIDDEN}", line)


@contextmanager
def queued_logs(level: str, *secrets: str) -> Generator[None, None, None]:
    """Log to stderr from a thread of its own while the bot runs; all is written at the end."""
    output = logging.StreamHandler()
    output.setFormatter(RedactingFormatter(*secrets))
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
    try:
        yield
    finally:
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
