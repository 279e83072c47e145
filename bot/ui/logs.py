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

# Interactions and webhooks carry their tokens in their addresses.
_TOKEN_IN_ADDRESS = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.~-]{16,}")


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
    before, level_before = root.handlers[:], root.level
    root.handlers[:] = [handler]
    root.setLevel(level)
    listener.start()
    try:
        yield
    finally:
        listener.stop()
        root.handlers[:] = before
        root.setLevel(level_before)
