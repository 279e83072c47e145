"""Answers of bioRxiv, PubMed, DBLP, Crossref, OpenAlex, OpenReview and OAI-PMH, made as they are described.

Each is a world of some numbered papers, the newest with the highest number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fetch.loopback import Reply, Seen
from tests.sources.made_papers import Thing, World


def _json(content: Any) -> Reply:
    return Reply(json.dumps(content).encode())


def _asked(seen: Seen) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(seen.target).query).items()}


def biorxiv(numbers: Sequence[int], seen: Seen) -> Reply:
    start = int(urlsplit(seen.target).path.split("/")[4])
    listed = sorted(numbers)[start : start + 30]
    message = {"status": "ok", "cursor": start, "count": len(listed), "total": str(len(numbers))}
    if not numbers:
        return _json({"messages": [{"status": "no posts found"}], "collection": []})
    preprints = [
        {
            "title": f"Neurons of kind {number}",
            "authors": "Lee, A. B.; Berg, Bo; van der Meer, C.",
            "doi": f"10.1101/2026.03.01.{600000 + number}",
            "date": "2026-03-01",
            "version": "1",
            "type": "new results",
            "category": "neuroscience",
            "abstract": "We look at neurons.",
            "published": "NA",
            "server": "bioRxiv",
        }
        for number in listed
    ]
    return _json({"messages": [message], "collection": preprints})


def pubmed(numbers: Sequence[int], seen: Seen) -> Reply:
    asked = _asked(seen)
    if "esearch" in seen.target:
        start, most = int(asked["retstart"]), int(asked["retmax"])
        ids = [str(41_000_000 + number) for number in sorted(numbers, reverse=True)]
        found = {"count": str(len(ids)), "retstart": str(start), "idlist": ids[start : start + most]}
        return _json({"header": {"type": "esearch"}, "esearchresult": found})
    records = [
        f"PMID- {one}\nDP  - 2026 Mar 3\nTI  - Genes of kind {one}.\nAB  - We look at genes.\n"
        f"FAU - Doudna, Jennifer A\nAU  - Doudna JA\nPT  - Journal Article\nJT  - Nature genetics\n"
        f"AID - 10.1038/s41588-{one} [doi]\nSO  - Nat Genet. 2026 Mar 3.\n"
        for one in asked["id"].split(",")
    ]
    return Reply("\n".join(["", *records]).encode())


def dblp_person(numbers: Sequence[int], _seen: Seen) -> Reply:
    works = "".join(
        f'<r><inproceedings key="conf/nips/Lee{number}" mdate="2026-03-01">'
        f'<author pid="12/345-1">Ann Lee 0001</author><author pid="6/7">Bo Berg</author>'
        f"<title>Graphs of <i>kind</i> {number}.</title><pages>1-9</pages><year>2026</year>"
        f"<booktitle>NeurIPS</booktitle><ee>https://doi.org/10.5555/{number}</ee></inproceedings></r>"
        for number in sorted(numbers, reverse=True)
    )
    head = f'<dblpperson name="Ann Lee 0001" pid="12/345-1" n="{len(numbers)}">'
    return Reply(
        f'<?xml version="1.0"?>{head}<person key="homepages/12/345-1"/>{works}</dblpperson>'.encode()
    )


def dblp_search(numbers: Sequence[int], seen: Seen) -> Reply:
    asked = _asked(seen)
    start, most = int(asked["f"]), int(asked["h"])
    listed = sorted(numbers, reverse=True)[start : start + most]
    hits = [
        {
            "@score": "1",
            "info": {
                "authors": {"author": {"@pid": "12/345-1", "text": "Ann Lee 0001"}},
                "title": f"Graphs &amp; trees of kind {number}.",
                "venue": ["NeurIPS", "Advances"],
                "year": "2026",
                "type": "Conference and Workshop Papers",
                "key": f"conf/nips/Lee{number}",
                "ee": f"https://doi.org/10.5555/{number}",
            },
        }
        for number in listed
    ]
    found = {"@total": str(len(numbers)), "@sent": str(len(hits)), "@first": str(start), "hit": hits}
    return _json({"result": {"query": asked["q"], "hits": found}})


def crossref(numbers: Sequence[int], seen: Seen) -> Reply:
    start = 0 if _asked(seen)["cursor"] == "*" else int(_asked(seen)["cursor"])
    rows = int(_asked(seen)["rows"])
    works = [
        {
            "DOI": f"10.1038/s{number}",
            "type": "journal-article",
            "title": [f"Stars of kind {number}"],
            "author": [{"given": "Ann", "family": "Lee"}],
            "container-title": ["Nature"],
            "issued": {"date-parts": [[2026, 3, 2]]},
        }
        for number in sorted(numbers, reverse=True)[start : start + rows]
    ]
    message = {"total-results": len(numbers), "items": works, "next-cursor": str(start + rows)}
    return _json({"status": "ok", "message": message})


def openalex(numbers: Sequence[int], seen: Seen) -> Reply:
    cursor = _asked(seen)["cursor"]
    start = 0 if cursor == "*" else int(cursor)
    listed = sorted(numbers, reverse=True)[start : start + 100]
    works = [
        {
            "id": f"https://openalex.org/W{number + 10_000}",
            "title": f"Clouds of kind {number}",
            "publication_date": "2026-03-02",
            "authorships": [
                {"author": {"display_name": "Ann Lee", "id": "https://openalex.org/A5000000001"}}
            ],
        }
        for number in listed
    ]
    after = str(start + 100) if start + 100 < len(numbers) else None
    return _json({"meta": {"count": len(numbers), "next_cursor": after}, "results": works})


def openreview(numbers: Sequence[int], seen: Seen) -> Reply:
    asked = _asked(seen)
    start = int(asked["offset"])
    notes = [
        {
            "id": f"note{number}",
            "forum": f"note{number}",
            "cdate": 1_767_225_600_000,
            "content": {
                "title": {"value": f"Agents of kind {number}"},
                "authors": {"value": ["Ann Lee"]},
                "authorids": {"value": ["~Ann_Lee1"]},
                "venue": {"value": "ICLR 2026 Poster"},
            },
        }
        for number in sorted(numbers, reverse=True)[start : start + int(asked["limit"])]
    ]
    return _json({"notes": notes, "count": len(numbers)})


def oai(numbers: Sequence[int], seen: Seen) -> Reply:
    """Answer as the protocol describes it, thirty records a page, the last of them deleted."""
    start = int(_asked(seen).get("resumptionToken", "page-0").removeprefix("page-"))
    listed = sorted(numbers)[start : start + 30]
    records = "".join(
        f"<record><header><identifier>oai:repository.example.org:{number}</identifier>"
        "<datestamp>2026-03-02</datestamp></header><metadata>"
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>Theses of kind {number}</dc:title><dc:creator>Lee, Ann</dc:creator>"
        "<dc:date>2026-03-02</dc:date><dc:type>Thesis</dc:type>"
        f"<dc:identifier>https://repository.example.org/{number}</dc:identifier>"
        "</oai_dc:dc></metadata></record>"
        for number in listed
    )
    token = f"<resumptionToken>page-{start + 30}</resumptionToken>" if start + 30 < len(numbers) else ""
    deleted = '<record><header status="deleted"><identifier>oai:example.org:0</identifier></header></record>'
    return oai_answer(f"<ListRecords>{records}{deleted}{token}</ListRecords>")


def oai_answer(content: str) -> Reply:
    head = '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
    moment = "<responseDate>2026-04-01T12:00:00Z</responseDate><request/>"
    return Reply(f"{head}{moment}{content}</OAI-PMH>".encode())


@dataclass(frozen=True)
class Case:
    """A kind of source, how its provider answers, and what must come of it."""

    kind: str
    value: str
    """{server} stands for the address of the server."""
    answer: Callable[[Sequence[int], Seen], Reply]
    asked: str
    """A part of the request."""
    title: str
    """Of paper number 1."""
    author: str


NEURONS, LEE = "Neurons of kind 1", "Ann Lee"

CASES = (
    Case(
        "biorxiv category", "Neuroscience", biorxiv, "category=neuroscience", "Neurons of kind 1", "A. B. Lee"
    ),
    Case("medrxiv category", "neuroscience", biorxiv, "/medrxiv/", NEURONS, "A. B. Lee"),
    Case("pubmed search", "crispr", pubmed, "term=crispr", "Genes of kind 41000001", "Jennifer A Doudna"),
    Case("pubmed journal", "Nature", pubmed, "%5Bjour%5D", "Genes of kind 41000001", "Jennifer A Doudna"),
    Case("pubmed author", "Doudna JA", pubmed, "%5Bau%5D", "Genes of kind 41000001", "Jennifer A Doudna"),
    Case(
        "dblp author",
        "https://dblp.org/pid/12/345-1.html",
        dblp_person,
        "/pid/12/345-1.xml",
        "Graphs of kind 1",
        "Ann Lee",
    ),
    Case("dblp venue", "NeurIPS", dblp_search, "venue%3ANeurIPS", "Graphs & trees of kind 1", "Ann Lee"),
    Case("crossref journal", "00280836", crossref, "/journals/0028-0836/", "Stars of kind 1", "Ann Lee"),
    Case(
        "crossref author",
        "https://orcid.org/0000-0002-1825-0097",
        crossref,
        "filter=orcid",
        "Stars of kind 1",
        "Ann Lee",
    ),
    Case("openalex institution", "i27837315", openalex, "lineage%3AI27837315", "Clouds of kind 1", LEE),
    Case(
        "openreview venue",
        "ICLR.cc/2026/Conference",
        openreview,
        "content.venueid",
        "Agents of kind 1",
        "Ann Lee",
    ),
    Case(
        "oai repository",
        "{server}/oai?set=theses",
        oai,
        "metadataPrefix=oai_dc&set=theses",
        "Theses of kind 1",
        LEE,
    ),
)


def _world(numbers: Sequence[int], seen: Seen) -> Reply:
    return World(things=[Thing(number) for number in sorted(numbers, reverse=True)]).answer(seen)


ALL_CASES = (
    *CASES,
    Case("arxiv category", "cs.LG", _world, "cat%3Acs.LG", "On the matter of bologia", LEE),
    Case("semantic scholar author", "1741101", _world, "/author/1741101/", "On the matter of bologia", LEE),
    Case("zotero group", "77", _world, "/groups/77/", "On the matter of bologia", LEE),
)
"""With those that tests of checks ask all the time: one for each provider at least, but for feeds."""
