"""The process that groups people in the background, while the bot answers."""

from __future__ import annotations

import logging
import multiprocessing
import os
from multiprocessing.context import SpawnProcess

from bot.app import App, open_app
from bot.authors.grouping import LEASE, PeopleChangedError, is_grouped, regroup
from bot.child_process import begin
from bot.config import Settings
from bot.errors import PapercordError
from bot.lease import Lease, LeaseLostError

_YIELDS = 10
"""How far it steps back behind other processes."""

_log = logging.getLogger(__name__)


class GroupingProcess:
    """Groups the people of new papers in a process of its own; of all processes over all, one does."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._process: SpawnProcess | None = None

    def wake(self) -> None:
        """Begin where papers wait to be grouped and none are being grouped; does not wait for the end."""
        if self._process is not None:
            if self._process.is_alive():
                return
            if self._process.exitcode:
                _log.warning("Grouping people was cut off; it goes on where it was, within a minute.")
            self._process = None
        if not is_grouped(self._app):
            # Spawned, not forked: the threads of the bot would leave their locks behind.
            context = multiprocessing.get_context("spawn")
            self._process = context.Process(target=_group, args=[self._app.settings], daemon=True)
            self._process.start()

    def close(self) -> None:
        """End it, between two transactions or within one that is then undone; the next one goes on there."""
        if self._process is not None and self._process.is_alive():
            self._process.terminate()
            self._process.join()


def _group(settings: Settings) -> None:
    begin()
    if os.name != "nt":
        os.nice(_YIELDS)
    try:
        with open_app(settings) as app, Lease(app, LEASE) as lease:
            if lease.is_held:
                regroup(app, lease, whole=False)
    except (LeaseLostError, PeopleChangedError):
        return  # the next one begins with what holds then
    except PapercordError as error:
        _log.error("Grouping people failed: %s", error)
        raise SystemExit(1) from None
