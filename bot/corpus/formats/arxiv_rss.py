"""Reads arXiv's daily RSS feeds, which name papers on the day on which they are announced."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from bot.corpus.addresses import code_address
from bot.corpus.formats.answers import Page, RefusedEntryError, UnusableAnswerError, read_records
from bot.corpus.formats.page_lines import field_of
from bot.corpus.formats.values import address_of, mention_of, title_of
from bot.corpus.formats.xml import child_text, parse_xml
from bot.corpus.identity import normalise_arxiv_id
from bot.corpus.paper import PaperRecord

SOURCE = "arxiv rss"

_ARXIV = "{http://arxiv.org/schemas/atom}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_ABSTRACT = re.compile(r"^arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.IGNORECASE)
_NEW = frozenset({"new", "cross"})
"""Replacements of papers that were announced before are no news."""


def read_arxiv_rss(body: bytes) -> Page:
    """Read a feed; on days without announcements it is empty, and that is no error."""
    root = parse_xml(body, "arXiv")
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        raise UnusableAnswerError("arXiv answered XML that is no RSS feed.")
    items = channel.findall("item")
    records, refused = read_records(
        [item for item in items if child_text(item, f"{_ARXIV}announce_type") in _NEW],
        lambda item: _record(item, _identity(item)),
        lambda item: _identity(item) or "an item without id",
    )
    return Page(records=records, entries=len(items), refused=refused)


def _identity(item: Element) -> str:
    return child_text(item, "guid") or child_text(item, "link")


def _record(item: Element, identity: str) -> PaperRecord:
    source_id = identity.removeprefix("oai:arXiv.org:").rpartition("/abs/")[2]
    arxiv_id = normalise_arxiv_id(source_id)
    if arxiv_id is None:
        raise RefusedEntryError("its id is none of arXiv")
    categories = tuple(
        dict.fromkeys(text for one in item.findall("category") if 0 < len(text := one.text or "") <= 64)
    )
    abstract = _ABSTRACT.sub("", child_text(item, "description"))
    code = code_address(abstract)
    names = re.split(r",\s+|\s+and\s+", child_text(item, _CREATOR))
    return PaperRecord(
        source=SOURCE,
        source_id=source_id,
        source_key=arxiv_id,
        title=title_of(child_text(item, "title")),
        authors=tuple(one for name in names if (one := mention_of(name)) is not None),
        field=field_of(categories[0]) if categories else None,
        categories=categories,
        abstract=abstract,
        url=address_of(f"https://arxiv.org/abs/{source_id}"),
        has_code=code is not None,
        code_url=code,
        arxiv_id=arxiv_id,
    )
