"""The process that groups people in the background, while the bot answers."""

from __future__ import annotations

import logging
import os
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from threading import Lock

from bot.app import App, open_app
from bot.authors.grouping import LEASE, PeopleChangedError, is_grouped, regroup
from bot.child_process import begin, end_with_parent, start_process
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
        self._lock = Lock()
        self._process: SpawnProcess | None = None
        self._is_closed = False

    def wake(self) -> None:
        """Begin where papers wait to be grouped and none are being grouped; does not wait for the end."""
        with self._lock:
            if self._is_closed or (self._process is not None and self._process.is_alive()):
                return
            if self._process is not None and self._process.exitcode:
                _log.warning("Grouping people was cut off; it goes on where it was, within a minute.")
            self._process = None
            if not is_grouped(self._app):
                self._process, pipe = start_process(_group, self._app.settings)
                pipe.close()  # it has nothing to say but its exit code

    def close(self) -> None:
        """End it, between two transactions or within one that is then undone; the next one goes on there.

        None begins afterwards, also where `wake` is under way in another thread.
        """
        with self._lock:
            self._is_closed = True
            if self._process is not None and self._process.is_alive():
                self._process.terminate()
                self._process.join()


def _group(settings: Settings, pipe: Connection) -> None:
    pipe.close()
    begin()
    end_with_parent()
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
