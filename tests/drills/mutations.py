"""Files of every form, damaged in the middle: each is read or refused by name, at once, and nothing vanishes.

    python -m tests.drills.mutations --count 10000

reads so many damaged files of each form. What stands before and behind the damage comes in, or the report
says that something does not; no file takes a second, and all of them no more than 200 MB.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.corpus.files import read_file
from bot.corpus.formats.opening import PaperRead
from bot.errors import UnreadableFileError

SECONDS, MEGABYTES = 1.0, 200
TODAY = dt.date(2026, 4, 1)
FIRST, MIDDLE, LAST = "Ropes of the north", "Knots in between", "Tides of the south"
ENTRIES = {
    "x.bib": "@article{%d,\n  title={{%s}},\n  author={Hale, Ida and {\\O}rsted, Bo},\n  year = 2020}\n\n",
    "x.ris": "TY  - JOUR\nID  - %d\nTI  - %s\nAU  - Hale, Ida\nAU  - Ørsted, Bo\nPY  - 2020/03//\nER  - \n\n",
    "x.nbib": "PMID- 1%d\nTI  - %s\nFAU - Hale, Ida\nAU  - Hale I\nDP  - 2020 Mar\nAB  - Of\n      it.\n\n",
    "x.ciw": "PT J\nUT WOS:%d\nTI %s\nAF Hale, Ida\n   Orsted, Bo\nPY 2020\nDI 10.9999/x\nER\n\n",
    "x.enw": "%%0 Journal Article\n%%F %d\n%%T %s\n%%A Hale, Ida\n%%A Ørsted, Bo\n%%D 2020\n\n",
    "x.xml": "<record><rec-number>%d</rec-number><titles><title>%s</title></titles></record>\n",
    "x.json": '{"id":"%d","type":"article-journal","title":"%s","author":[{"family":"Hale"}],"issued":{}}',
    "x.jsonl": '{"id":"%d","title":"%s","authors":["Ida Hale","Bo Ørsted"],"date":"2020-03"}\n',
}
AROUND: Mapping[str, tuple[str, str, str]] = {
    "x.ciw": ("FN Clarivate Analytics Web of Science\nVR 1.0\n", "", "EF\n"),
    "x.xml": ('<?xml version="1.0"?><xml><records>', "", "</records></xml>"),
    "x.json": ("[", ",\n", "]"),
}
PIECES = [
    *"{}[]()<>\"'\\$@,=#%&~^_:;- \n\r\t\0",
    "\r\n",
    "\n\n",
    "\ufeff",
    "\u2028",
    "é",
    "\\ud800",
    "9" * 500,
]
PIECES += [
    "@article{",
    "ER  - ",
    "TY  - JOUR",
    "PT J",
    "PMID- 2",
    "%0 Book",
    "</record>",
    "<!--",
    "null",
    "and ",
]
ENCODINGS = ("utf-16", "utf-8-sig", "latin-1", "cp1252", "gb18030", "utf-16-le", "mac_roman")


@dataclass(slots=True)
class Report:
    """What the drill saw."""

    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    megabytes: float = 0.0
    faults: list[str] = field(default_factory=list[str])


def sound(name: str) -> tuple[str, str, str]:
    """A whole file in three parts: all before the entry in the middle, that entry, and all behind."""
    before, between, behind = AROUND.get(name, ("", "", ""))
    first, middle, last = (
        ENTRIES[name] % (place, title) for place, title in enumerate((FIRST, MIDDLE, LAST))
    )
    return f"{before}{first}{between}", middle, f"{between}{last}{behind}"


def _cut(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    return text[:start] + text[start + chance.randrange(1, 30) :]


def _insert(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(PIECES) * chance.choice((1, 1, 1, 3, 300)) + text[place:]


def _repeat(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    end = start + chance.randrange(1, 40)
    return text[:end] + text[start:end] * chance.choice((1, 2, 50)) + text[end:]


def _shuffle(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    chance.shuffle(lines)
    return "\n".join(lines)


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (_cut, _insert, _insert, _repeat, _shuffle)


def mutated(name: str, chance: random.Random) -> bytes:
    """A file whose middle entry is damaged, whose bytes are, or whose encoding is another."""
    before, middle, behind = sound(name)
    for _ in range(chance.randrange(1, 4)):
        middle = chance.choice(CHANGES)(middle, chance)
    encoding = chance.choice(ENCODINGS) if chance.random() < 0.1 else "utf-8"
    head, body, tail = (part.encode(encoding, errors="replace") for part in (before, middle, behind))
    if encoding == "utf-16":  # one mark at the start, not three
        return f"{before}{middle}{behind}".encode("utf-16", errors="surrogatepass")
    if body and chance.random() < 0.2:
        place = chance.randrange(len(body))
        body = body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :]
    return head + body + tail


def check(path: Path, report: Report) -> str | None:
    """Read a file; what went wrong, None where nothing did."""
    started = time.process_time()
    try:
        items = list(read_file(path, as_of=None, today=TODAY))
    except UnreadableFileError as error:
        report.refused += 1
        return None if error.reason else "refused without a reason"
    except Exception as error:  # noqa: BLE001 - any other error is what the drill looks for
        return f"{type(error).__name__}: {error}"
    finally:
        seconds = time.process_time() - started
        report.slowest = max(report.slowest, seconds)
    report.read += 1
    if seconds > SECONDS:
        return f"took {seconds:.1f} s"
    titles = {item.record.title for item in items if isinstance(item, PaperRead)}
    lost = [title for title in (FIRST, LAST) if title not in titles]
    if lost and all(isinstance(item, PaperRead) for item in items):
        return f"{', '.join(lost)} vanished and nothing says so"
    return None


def drill(name: str, count: int, seed: int = 0) -> Report:
    """Read `count` damaged files of a form."""
    report = Report()
    chance = random.Random(f"{name}{seed}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        for number in range(count):
            content = mutated(name, chance)
            path.write_bytes(content)
            if (fault := check(path, report)) is not None:
                report.faults.append(f"{name}, file {number}: {fault}: {content[:2_000]!r}")
    report.megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if report.megabytes > MEGABYTES:
        report.faults.append(f"{name}: took {report.megabytes:.0f} MB")
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=ENTRIES)
    arguments = parser.parse_args()
    faults = 0
    for form in [arguments.only] if arguments.only else ENTRIES:
        seen = drill(form, arguments.count, arguments.seed)
        faults += len(seen.faults)
        print(
            f"{form}: {seen.read:,} read, {seen.refused:,} refused by name, slowest {seen.slowest:.2f} s, "
            f"{seen.megabytes:.0f} MB more, {len(seen.faults)} faults"
        )
        for one in seen.faults[:5]:
            print(f"  {one}")
    sys.exit(1 if faults else 0)
