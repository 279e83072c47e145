"""An announcer as a process of its own, without a gateway: to be killed."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from discord.http import HTTPClient, Route

from bot.services.announcing.lease import AnnouncerLease
from bot.services.announcing.ledger import Job, Ledger, Outcome
from bot.services.announcing.recording import Planner
from bot.services.announcing.restoring import Restorer
from bot.store import deliveries
from bot.store.announcement_models import MessageState
from bot.ui.announcement_cards import compose
from bot.ui.courier import Courier
from bot.ui.sender import Sender
from bot.ui.wire import Wire
from tests.announcing.office import open_desk, test_settings
from tests.loopback_discord.server import OWN_ID


class WithoutNonce(Sender):
    """Breaks a rule, so that the drill can be seen to notice."""

    async def do(self, job: Job) -> Outcome:
        payload = {key: value for key, value in job.payload.items() if "nonce" not in key}
        return await super().do(replace(job, payload=payload))


def record_after_post() -> None:
    """Break another rule: nothing is written before the post."""
    write = deliveries.change_message

    def only_afterwards(*args: Any, **values: Any) -> bool:
        return values.get("state") == MessageState.SENDING or write(*args, **values)

    deliveries.change_message = only_afterwards


async def announce(arguments: argparse.Namespace) -> None:
    """Plan and post until there is nothing left; a kill ends it earlier."""
    ahead = dt.timedelta(seconds=arguments.ahead)
    desk = open_desk(test_settings(arguments.folder), lambda: dt.datetime.now(dt.UTC) + ahead)
    Route.BASE = arguments.url
    http = HTTPClient(asyncio.get_running_loop(), max_ratelimit_timeout=60)
    await http.static_login("token")
    lease = AnnouncerLease(desk)
    planner = Planner(desk, lease, compose)
    wire = Wire(http, desk.clock, may_send=lambda: lease.is_held, per_second=arguments.per_second)
    kind = WithoutNonce if arguments.without_nonce else Sender
    sender = kind(wire, int(OWN_ID), lambda _channel: True)
    courier = Courier(Ledger(desk, lease), Restorer(desk, lease, compose), sender, asyncio.to_thread)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        if lease.take():
            await asyncio.to_thread(planner.plan_due)
            await courier.deliver()
            with desk.store.reading() as session:
                busy = deliveries.count_on_their_way(session)
            if arguments.until_done and not busy:
                break
        await asyncio.sleep(0.05)
    await http.close()
    lease.release()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--ahead", type=float, required=True)
    parser.add_argument("--per-second", type=float, default=25.0)
    parser.add_argument("--until-done", action="store_true")
    parser.add_argument("--without-nonce", action="store_true")
    parser.add_argument("--record-after-post", action="store_true")
    arguments = parser.parse_args()
    if arguments.record_after_post:
        record_after_post()
    asyncio.run(announce(arguments))


if __name__ == "__main__":
    main()
