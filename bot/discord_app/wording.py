"""Facts of papers and of the announcer put into words: dates, authors, figures."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence

import discord

from bot.announcements.results import AnnouncerStatus, Like
from bot.corpus.paper import Notice, NoticeKind
from bot.discord_app.safe_text import fit, safe, safe_url
from bot.papers.disagreements import source_name
from bot.papers.results import Paper
from bot.text.counting import counted
from bot.text.latex import readable

NOT_GIVEN = "not given"
MAX_TITLE = 300
MAX_NAME = 80
MAX_VENUE = 80
MAX_LIKE, SHORTEST_TITLE = 60, 4
NO_TASTE = "They stand as they came: nobody here has voted for or saved a paper yet"


def figure(value: float | None, unit: str = "") -> str:
    """A figure in bold, or that it is not given; never 0 for what is missing."""
    if value is None:
        return NOT_GIVEN
    return f"**{int(value) if value == int(value) else value:,}{unit}**"


def day_words(day: dt.date) -> str:
    """A day as people write it: "12 Mar 2026"."""
    return f"{day.day} {day:%b %Y}"


def date_words(paper: Paper) -> str | None:
    """A paper's date in the precision of its source: "2021", "Apr 2021", "12 Mar 2026 (year inferred)"."""
    if paper.published is None:
        return None
    words = days_words(paper.published)
    return f"{words} (year inferred)" if paper.published_inferred else words


def title_words(paper: Paper, limit: int = MAX_TITLE) -> str:
    """A paper's title, readable and safe."""
    return fit(safe(readable(paper.title)), limit) or "Untitled"


def name_words(name: str) -> str:
    """A person's name, safe and of bearable length."""
    return fit(safe(name), MAX_NAME)


def author_words(paper: Paper, *, first: int, shown: str | None = None) -> str:
    """The first authors, and how many follow.

    `shown` is a name that is never left out: the author searched for.
    """
    names = list(paper.authors[:first])
    names += [name for name in paper.authors[first:] if shown and _words(shown) <= _words(name)][:1]
    words = ", ".join(name_words(name) for name in names) or "Authors not given"
    more = len(paper.authors) - len(names)
    if more == 1 and not paper.authors_truncated:
        words = ", ".join(name_words(name) for name in paper.authors)
    elif paper.authors_truncated:
        words += " et al."
    elif more:
        words += f" and {more:,} more"
    return words


def page_words(paper: Paper) -> str | None:
    """On whose page the paper stands, where its list does not name them."""
    named = [_words(name) for name in paper.authors]
    pages = [name_words(name) for name in paper.attributed_to if _words(name) not in named]
    return f"on {' and '.join(pages[:2])}’s page" if pages else None


def _words(name: str) -> set[str]:
    """The words of a name without case, accents and order."""
    letters = unicodedata.normalize("NFKD", name.casefold().replace(",", " "))
    return set("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def venue_words(paper: Paper) -> str | None:
    """Where a paper was published; that it is a preprint is no venue."""
    venue = (paper.venue or "").strip()
    if venue.casefold().startswith("arxiv"):
        return None
    return fit(safe(readable(venue)), MAX_VENUE) or None


def publication_words(paper: Paper) -> str | None:
    """Of a preprint that was published, both: "preprint 3 Mar 2026, published in X 7 Aug 2026"; else None."""
    if paper.appeared is None:
        return None
    where = f" in {venue}" if (venue := venue_words(paper)) else ""
    return f"preprint {date_words(paper)}, published{where} {days_words(paper.appeared)}"


def fact_words(paper: Paper) -> str:
    """Field, date, venue, score and code in one line; what is not given is left out."""
    facts = [
        notice_words(paper),
        safe(paper.field) if paper.field else None,
        publication_words(paper) or date_words(paper),
        None if paper.appeared else venue_words(paper),
        f"score {paper.score:g}" if paper.score is not None else None,
        "Code" if paper.has_code or paper.code_url else None,
    ]
    return " · ".join(fact for fact in facts if fact) or "No field, no date given"


_NOTICES: Mapping[NoticeKind, str] = {
    NoticeKind.RETRACTED: "Retracted",
    NoticeKind.WITHDRAWN: "Withdrawn",
    NoticeKind.CONCERN: "Expression of concern",
    NoticeKind.CORRECTED: "Corrected",
}


def notice_words(paper: Paper) -> str | None:
    """The gravest of what became of a paper, and who says so: "⚠ Retracted (Crossref, OpenAlex)"."""
    if not paper.notices:
        return None
    kind = paper.notices[0].kind
    said = dict.fromkeys(source_name(one.source) for one in paper.notices if one.kind is kind)
    return f"{notice_name(kind)} ({fit(safe(', '.join(said)), MAX_NAME)})"


def notice_line(notice: Notice, read_on: dt.date | None) -> str:
    """What a source says became of a paper: "**⚠ Retracted** 3 Feb 2024 (Crossref, read 3 Nov 2026)"."""
    words = f"**{notice_name(notice.kind)}**" + (f" {days_words(notice.day)}" if notice.day else "")
    source = fit(safe(source_name(notice.source)), MAX_NAME)
    words += f" ({source}{f', read {day_words(read_on)}' if read_on is not None else ''})"
    return f"{words} · [notice]({url})" if (url := safe_url(notice.url)) else words


def notice_name(kind: NoticeKind) -> str:
    """The name of a notice; with a sign where the paper is not to be relied on."""
    return _NOTICES[kind] if kind is NoticeKind.CORRECTED else f"⚠ {_NOTICES[kind]}"


def days_words(published: str) -> str:
    """A date in its precision: "2021", "Apr 2021", "12 Mar 2026"."""
    match len(published):
        case 4:
            return published
        case 7:
            return f"{dt.date.fromisoformat(f'{published}-01'):%b %Y}"
        case _:
            return day_words(dt.date.fromisoformat(published))


def table_words(counts: Mapping[str, int], limit: int) -> str:
    """Counts in one line: "CV 19 · LG 6 · IR 1 · 4 others"."""
    shown = [f"{safe(name)} {number:,}" for name, number in list(counts.items())[:limit]]
    if len(counts) > limit:
        shown.append(counted(len(counts) - limit, "other"))
    return " · ".join(shown)


def year_words(years: Mapping[str, int], last: int = 8) -> str:
    """The span of years, and the papers of the last ones, newest first."""
    names = list(years)
    if len(names) == 1:
        return safe(names[0])
    span = f"{names[0]} to {names[-1]}"
    recent = " · ".join(f"{year}: {years[year]:,}" for year in reversed(names[-last:]))
    return f"{safe(span)} ({safe(recent)})"


def joined_names(names: Sequence[str], limit: int) -> str:
    """The first names, and how many more there are."""
    words = ", ".join(name_words(name) for name in names[:limit])
    return f"{words} and {len(names) - limit:,} more" if len(names) > limit else words


def like_words(like: Like) -> str:
    """What a paper is like that a server likes: "like “DecentLaM”, 2 votes, saved by 3"."""
    title = readable(like.title)
    short = title.split(": ")[0]
    named = fit(safe(short if len(short) >= SHORTEST_TITLE else title), MAX_LIKE) or "Untitled"
    facts = [counted(like.votes, "vote")] if like.votes else []
    facts += [f"saved by {like.saves}"] if like.saves else []
    return ", ".join((f"like “{named}”", *facts))


def order_words(*, by_votes: bool, by_taste: bool | None) -> str:
    """How papers of a digest are ranked, to follow what they match; nothing where they stand as they came."""
    if by_votes:
        return ", by votes"
    if by_taste is None:
        return ""
    return ", by the group’s taste" if by_taste else f". {NO_TASTE}"


def ago(moment: dt.datetime) -> str:
    """How long ago a moment is, as Discord shows it and keeps it up to date."""
    return discord.utils.format_dt(moment, "R")


def announcer_words(status: AnnouncerStatus) -> str:
    """Whether news is being posted, when that last went well, and the messages of all servers."""
    counts = (
        f"{status.sent:,} sent, {status.planned:,} on their way, "
        f"{status.held:,} held, {status.failed:,} failed"
    )
    return f"{running_words(status)} · messages: {counts}"


def running_words(status: AnnouncerStatus) -> str:
    """Whether some process announces, and when a round last succeeded."""
    last = ago(status.last_run) if status.last_run is not None else "not yet"
    state = "at work" if status.lease is not None else "⚠ not at work: no running bot holds the lease"
    return f"Announcer: {state} · last good round {last}"
