"""The drill of hostile answers: feeds, repositories and providers that answer anything but what they should.

    python -m tests.drills.hostile_feeds --count 1000

answers so many checks with damaged, endless, packed, nested and circling things. Each is read in part or
named in `status` in one line, within seconds and little memory; then all sources recover with all papers.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import random
import resource
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from unittest.mock import patch

from bot.app import App
from bot.fetch.client import Fetcher
from bot.fetch.politeness import Host
from bot.search.tantivy.index import SearchIndex
from bot.sources.crawler import check_page
from bot.sources.library import Library
from bot.sources.providers import table
from bot.sources.providers.table import PROVIDERS, kind_named
from bot.sources.registry import register_source, source_status
from bot.store.schema import prepare
from bot.store.sources import source_by_id
from tests.apps import Clock, close_app, open_app
from tests.corpora import all_papers
from tests.fetch.loopback import Loopback, Reply, Seen, Ticks, loopback
from tests.sources.provider_answers import ALL_CASES, Case

SECONDS, MEGABYTES = 6.0, 200
"""So many processor seconds a check takes at most, with four tries; all of them no more memory."""
Limits = tuple[float, int]
MOST_PAGES = 20
WHOLE_SECONDS, MOST_BYTES = 0.4, 8 * 2**20
"""How long an answer may take here, in place of a minute and a half; and how large it may be."""
PAPERS = 12


def feed(numbers: Sequence[int], _seen: Seen) -> Reply:
    """Some papers as a journal's feed has them."""
    items = "".join(
        f"<item><title>Tides of kind {number}</title><link>https://journal.example.org/{number}</link>"
        f"<description>We look at tides.</description><pubDate>Tue, 03 Mar 2026 10:00:00 GMT</pubDate></item>"
        for number in numbers
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>J</title>{items}</channel></rss>'
    return Reply(body.encode(), headers={"Content-Type": "application/rss+xml"})


FEED = Case("feed", "{server}/toc", feed, "", "Tides of kind 1", "")
CASES = (FEED, *ALL_CASES)

Harm = Callable[[Reply, random.Random, str], Reply]
"""(the right answer, chance, the server's address) -> what is answered."""

PIECES = (
    *(
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<!--",
        b"<![CDATA[",
        b'"',
        b"'",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\u0000",
    ),
    *(
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"&#0;",
        b"&#xD800;",
        b"&nbsp;",
        b"&amp;" * 300,
        b"9" * 5000,
        b"1e999",
    ),
    *(
        b"<title>",
        b"</title>",
        b"<item>",
        b"</channel>",
        b"<entry>",
        b"<?xml version='1.1'?>",
        b"null",
        b"-1",
    ),
)


def damaged(right: Reply, chance: random.Random, _server: str) -> Reply:
    body = bytearray(right.body)
    for _ in range(chance.randrange(1, 9)):
        place = chance.randrange(len(body) + 1)
        piece = chance.choice(PIECES) * chance.choice((1, 1, 1, 200))
        body[place : place + chance.choice((0, 0, 3, 300))] = piece
    return replace(right, body=bytes(body))


def cut(right: Reply, chance: random.Random, _server: str) -> Reply:
    return replace(right, body=right.body[: chance.randrange(len(right.body))])


def shuffled(right: Reply, chance: random.Random, _server: str) -> Reply:
    parts = right.body.replace(b">", b">\0").replace(b",", b",\0").split(b"\0")
    chance.shuffle(parts)
    return replace(right, body=b"".join(parts))


@cache
def bomb(megabytes: int) -> bytes:
    """Nothing, packed: a thousandth of its size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(megabytes)), packer.flush()])


def packed(_right: Reply, chance: random.Random, _server: str) -> Reply:
    """A small body that unpacks to a large one, packed once or twice."""
    times = chance.choice((1, 2))
    body = bomb(200) if times == 1 else gzip.compress(bomb(200))
    return Reply(body, headers={"Content-Encoding": ", ".join(["gzip"] * times)})


def entities(right: Reply, chance: random.Random, _server: str) -> Reply:
    many = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    kinds = (
        f'<!DOCTYPE x [<!ENTITY e0 "lol">{many}]>',
        f'<!DOCTYPE x [<!ENTITY e9 "{"a" * 100_000}">]>',
        '<!DOCTYPE x [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>',
    )
    head = f'<?xml version="1.0"?>{chance.choice(kinds)}'.encode()
    body = right.body.partition(b"?>")[2] if right.body.startswith(b"<?xml") else right.body
    return replace(right, body=head + body.replace(b"kind", b"&e9;" * 50))


def nested(right: Reply, chance: random.Random, _server: str) -> Reply:
    depth = chance.choice((200, 5_000, 200_000))
    if right.body.startswith(b"{"):
        return replace(right, body=chance.choice((b"[", b'{"a":')) * depth)
    return replace(
        right, body=b'<rss version="2.0">' + chance.choice((b"<item>", b"<a><b>", b"<div><p>")) * depth
    )


def large(right: Reply, chance: random.Random, _server: str) -> Reply:
    """Very many entries, or very long ones."""
    first, middle, last = right.body.partition(b"kind")
    kinds = (
        b"kind " * 400_000,
        b"<b>kind" * 100_000,
        b"&lt;" * 300_000,
        b"kind" + b" \t" * 500_000,
        b"(" * 500_000,
    )
    return replace(right, body=first + (chance.choice(kinds) if middle else b"") + last)


def many(_right: Reply, chance: random.Random, _server: str) -> Reply:
    item = chance.choice(
        (b"<item><title>x</title></item>", b"<entry/>", b"<record/>", b'<item rdf:about="x"/>')
    )
    return Reply(b'<rss version="2.0"><channel>' + item * 60_000 + b"</channel></rss>")


def circling(_right: Reply, chance: random.Random, server: str) -> Reply:
    place = f"/{chance.choice(['a', 'b', 'c'])}?{chance.randrange(10**6)}"
    goals = (
        f"{server}{place}",
        place,
        "",
        "//",
        "http://[::1",
        "file:///etc/passwd",
        "http://169.254.169.254/x",
    )
    goals += (
        "http://user:password@example.org/",
        "https://127.0.0.1:1/",
        f"{server}/" + "x" * 60_000,
        "javascript:1",
    )
    return Reply(status=chance.choice((301, 302, 303, 307, 308)), headers={"Location": chance.choice(goals)})


def encoded(right: Reply, chance: random.Random, _server: str) -> Reply:
    name = chance.choice(
        ("utf-16", "utf-7", "unicode_escape", "zlib_codec", "idna", "rot13", "x" * 5_000, "\xe9", "utf-32")
    )
    safe = name.encode("ascii", "replace").decode()
    head = f'<?xml version="1.0" encoding="{safe}"?>'.encode()
    body = right.body.partition(b"?>")[2] if right.body.startswith(b"<?xml") else right.body
    text = (head + body).decode("utf-8", "replace")
    return Reply(
        text.encode(name, "replace") if name in {"utf-16", "utf-32", "utf-7"} else head + body,
        headers={"Content-Type": f"application/xml; charset={safe}"},
    )


def raw(_right: Reply, chance: random.Random, _server: str) -> Reply:
    """What is no HTTP, or lies about its length."""
    kinds = (
        b"",
        b"\0" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\nConnection: close\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n",
        b"HTTP/1.1 999 \r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\nno gzip",
        b"HTTP/1.1 503 Later\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n",
    )
    return Reply(chance.choice(kinds), fault="raw")


def another_status(right: Reply, chance: random.Random, _server: str) -> Reply:
    return replace(
        right, status=chance.choice((204, 206, 304, 400, 401, 403, 404, 410, 418, 422, 500, 502, 503))
    )


def flood(body: bytes, **headers: str) -> Harm:
    """A body that never ends, as fast as it is read."""
    return lambda *_: Reply(body, headers=headers, fault="flood")


def slow(fault: str) -> Harm:
    return lambda right, *_: replace(right, fault=fault)


HARMS: Mapping[str, tuple[Harm, int]] = {
    "damaged": (damaged, 40),
    "cut": (cut, 10),
    "shuffled": (shuffled, 10),
    "packed": (packed, 2),
    "entities": (entities, 8),
    "nested": (nested, 8),
    "large": (large, 5),
    "many": (many, 2),
    "circling": (circling, 8),
    "encoded": (encoded, 6),
    "raw": (raw, 10),
    "another status": (another_status, 6),
    "a flood of nothing": (flood(bytes(2**16)), 1),
    "a flood of packed nothing": (flood(gzip.compress(bytes(2**20)), **{"Content-Encoding": "gzip"}), 1),
    "a flood of a feed": (flood(b"<item><title>x</title></item>" * 2_000), 1),
    "dripping": (slow("drip"), 1),
    "unended": (slow("unended"), 1),
    "endless headers": (slow("headers"), 1),
}
"""By name, and how often each comes beside the others."""


@dataclass
class Report:
    """What the drill saw."""

    checks: Counter[str] = field(default_factory=Counter)
    named: int = 0
    """Checks that failed with a line in `status`."""
    slowest: tuple[float, str] = (0.0, "")
    megabytes: float = 0.0
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        seconds, where = self.slowest
        return (
            f"{self.checks.total():,} checks, {self.named:,} named in status, "
            f"slowest {seconds:.2f} s ({where}), {self.megabytes:.0f} MB more, {len(self.faults)} faults"
        )


class Drill:
    """One run over a corpus of its own."""

    def __init__(self, app: App, clock: Clock, server: Loopback, seed: int, limits: Limits) -> None:
        self._app, self._clock, self._server = app, clock, server
        self._chance = random.Random(seed)
        self._harms: dict[str, tuple[str, Reply | None]] = {}
        self._ticks = Ticks()
        self.report = Report()
        paths = {kind_named(case.kind).provider: f"/{place}" for place, case in enumerate(CASES)}
        self._cases = {paths[kind_named(case.kind).provider]: case for case in CASES}
        self._library = Library(
            self._fetcher(*limits), {one: server.url + paths.get(one, "/none") for one in PROVIDERS}
        )
        server.answer = self._answer
        prepare(app.store)
        self._sources = {
            path: register_source(app, case.kind, case.value.format(server=server.url + path))[0].id
            for path, case in self._cases.items()
        }

    def _fetcher(self, whole_seconds: float, max_bytes: int) -> Fetcher:
        host = Host(0.0, max_bytes=max_bytes, scheme="http")
        return Fetcher(
            "Papercord/test (app@example.org)",
            hosts={self._server.netloc: host},
            others=host,
            is_allowed_address=lambda address: address == "127.0.0.1",
            clock=self._ticks,
            sleep=lambda _seconds: None,
            jitter=lambda: 0.0,
            read_seconds=whole_seconds,
            whole_seconds=whole_seconds,
        )

    def run(self, count: int) -> None:
        """Answer checks with harm, then as it should be."""
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        names = [name for name, (_, times) in HARMS.items() for _ in range(times)]
        self._chance.shuffle(names)
        for place in range(count):
            path = [*self._cases][place % len(self._cases)]
            name = [*HARMS][place] if place < len(HARMS) else names[place % len(names)]
            self._harms[path] = (name, None)
            self._check(path, name)
        self._harms.clear()
        for path, source_id in self._sources.items():
            for _ in range(3):  # one that begins anew comes to its end at the next check
                self._check(path, "")
                status = source_status(self._app, source_id)
                if status.error is None and not status.checking:
                    break
        self.report.megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        if self.report.megabytes > MEGABYTES:
            self.report.faults.append(f"took {self.report.megabytes:.0f} MB")
        titles = {paper.title for paper in all_papers(self._app.store)}
        for path, case in self._cases.items():
            error = source_status(self._app, self._sources[path]).error
            if error is not None:
                self.report.faults.append(f"{case.kind} stays wrong: {error}")
            if case.title not in titles:
                self.report.faults.append(f"{case.kind}: {case.title} is not there")

    def _check(self, path: str, harm: str) -> None:
        """Check a source to the end of its check, and judge how that went."""
        self._clock.move(hours=30)
        self._ticks.now += 100_000.0
        began = time.thread_time()
        for _ in range(MOST_PAGES):
            with self._app.store.reading() as session:
                source = source_by_id(session, self._sources[path])
            if source is None or check_page(self._app, self._library, source).ended:
                break
        seconds = time.thread_time() - began
        if not harm:
            return
        report, kind = self.report, self._cases[path].kind
        report.checks[harm] += 1
        report.slowest = max(report.slowest, (seconds, f"{harm}, {kind}"))
        error = source_status(self._app, self._sources[path]).error
        report.named += error is not None
        if seconds > SECONDS:
            report.faults.append(f"{harm}, {kind}: took {seconds:.1f} s")
        if error is not None and ("unforeseen" in error or len(error) > 500 or not error.isprintable()):
            report.faults.append(f"{harm}, {kind}: {error!r:.400}")

    def _answer(self, seen: Seen) -> Reply:
        first = f"/{seen.target.split('/')[1].partition('?')[0]}"
        case = self._cases.get(first)
        if case is None:  # where a redirect leads
            return circling(Reply(), self._chance, self._server.url)
        target = seen.target.removeprefix(first) or "/"
        right = case.answer(range(1, PAPERS + 1), replace(seen, target=target))
        name, reply = self._harms.get(first, ("", right))
        if reply is None:
            reply = HARMS[name][0](right, self._chance, self._server.url)
            if self._harms.get(first) == (name, None):  # not of a check that has ended meanwhile
                self._harms[first] = (name, reply)
        return reply


def drill(count: int, seed: int = 1, limits: Limits = (WHOLE_SECONDS, MOST_BYTES)) -> Report:
    """Answer so many checks with harm, in a folder that is removed afterwards."""
    with ExitStack() as stack:
        for kind in ("feed", "oai repository"):
            kinds = {kind: replace(kind_named(kind), normalise=str)}
            stack.enter_context(patch.dict(table.KINDS, kinds))  # type: ignore[arg-type]
        # Nobody searches what came.
        stack.enter_context(patch.object(SearchIndex, "catch_up", lambda *_: 0))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="drill-"))
        server = stack.enter_context(loopback())
        clock = Clock(dt.datetime(2026, 4, 1, 12, tzinfo=dt.UTC))
        app = open_app(Path(folder), clock)
        stack.callback(close_app, app)
        run = Drill(app, clock, server, seed, limits)
        run.run(count)
        return run.report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    seen = drill(arguments.count, arguments.seed)
    print(seen)
    for one in seen.faults[:20]:
        print(f"  {one}")
    sys.exit(1 if seen.faults else 0)
