"""Papers that were withdrawn, retracted or corrected, in the words of each source; and their other titles."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.corpus.files import read_file
from bot.corpus.formats.arxiv import read_arxiv_atom
from bot.corpus.formats.notices import kind_in_comment, without_notice
from bot.corpus.formats.opening import PaperRead
from bot.corpus.merge import merge
from bot.corpus.paper import Notice, NoticeKind, OtherTitle, PaperRecord, TitleKind

RETRACTED, WITHDRAWN = NoticeKind.RETRACTED, NoticeKind.WITHDRAWN
CONCERN, CORRECTED = NoticeKind.CONCERN, NoticeKind.CORRECTED


def read_one(folder: Path, name: str, content: str | list[Any] | dict[str, Any]) -> PaperRecord:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else orjson.dumps(content))
    (record,) = (
        item.record
        for item in read_file(path, as_of=None, today=dt.date(2026, 4, 1))
        if isinstance(item, PaperRead)
    )
    return record


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("This paper has been withdrawn by the author due to a crucial sign error in equation 1", WITHDRAWN),
        ("withdrawn", WITHDRAWN),
        ("Paper withdrawn, see arXiv:0711.1234 for a new version", WITHDRAWN),
        ("Withdrawn by arXiv administrators because the author did not have the right", WITHDRAWN),
        ("12 pages, 3 figures. This submission is temporarily withdrawn", WITHDRAWN),
        ("We withdraw this paper since Lemma 2 is wrong", WITHDRAWN),
        ("The authors have withdrawn this manuscript", WITHDRAWN),
        ("This article has been withdrawn from arXiv", WITHDRAWN),
        ("This preprint has been retracted", RETRACTED),
        ("Retracted Publication", RETRACTED),
        ("Retracted", RETRACTED),
        ("[Erratum: Phys.Rev.Lett. 77, 1889 (1996)]", CORRECTED),
        ("Erratum published in Ann. Tides 12", CORRECTED),
        ("12 pages, accepted at ICLR", None),
        ("Withdrawn from ICLR 2024; accepted at TMLR", None),
        ("An earlier version of this paper was withdrawn", None),
        ("This replaces the withdrawn paper arXiv:2001.00001", None),
        ("v2: a companion paper withdrawn", None),
        ("Retraction of Publication", None),
        ("On papers that were withdrawn: 40 pages", None),
        ("We study retracted papers and corrections", None),
        ("typos corrected", None),
        ("Correction of a few typos", None),
        ("", None),
    ],
)
def test_what_a_comment_says(comment: str, kind: NoticeKind | None):
    assert kind_in_comment(comment) is kind


@pytest.mark.parametrize(
    ("written", "title", "kind"),
    [
        ("RETRACTED: Knots that slip", "Knots that slip", RETRACTED),
        ("Retracted: Knots that slip", "Knots that slip", RETRACTED),
        ("[Retracted] Knots that slip", "Knots that slip", RETRACTED),
        ("(WITHDRAWN) Knots that slip", "Knots that slip", WITHDRAWN),
        ("RETRACTED ARTICLE: Knots that slip", "Knots that slip", RETRACTED),
        ("Retracted chapter – Knots that slip", "Knots that slip", RETRACTED),
        ("WITHDRAWN: Knots that slip", "Knots that slip", WITHDRAWN),
        (
            "Knots that slip (Retracted article. See vol. 12, pg. 5, 2010)",
            "Knots that slip",
            RETRACTED,
        ),
        ("Knots that slip [RETRACTED]", "Knots that slip", RETRACTED),
        ("RETRACTED: Knots that slip (Retracted article. See vol. 12)", "Knots that slip", RETRACTED),
        ("WITHDRAWN AS DUPLICATE: Knots that slip", "Knots that slip", WITHDRAWN),
        ("REMOVED: Knots that slip", "Knots that slip", WITHDRAWN),
        ("TEMPORARY REMOVAL: Knots that slip", "Knots that slip", WITHDRAWN),
        ("Removed: knots that slip",) * 2 + (None,),
        ("Withdrawn", "Withdrawn", WITHDRAWN),
        ("Retraction: Knots that slip", "Retraction: Knots that slip", None),
        ("Knots that slip (Retraction of vol 3, pg 4, 2009)",) * 2 + (None,),
        ("Withdrawn from the world: hermits of the coast",) * 2 + (None,),
        ("Retracted papers of twenty years: a survey",) * 2 + (None,),
        ("Why papers are retracted",) * 2 + (None,),
    ],
)
def test_a_title_is_freed_of_such_words_and_says_them(written: str, title: str, kind: NoticeKind | None):
    assert without_notice(written) == (title, kind)


TITLE = {"title": "Knots that slip", "authors": ["Ida Hale"]}
BIB = "@article{k, title={%s}, author={Hale, Ida}, year={2020}%s}"
RIS = "TY  - JOUR\nTI  - Knots that slip\nAU  - Hale, Ida\n%s\nER  - \n"
MEDLINE = "PMID- 123\nTI  - Knots that slip.\nFAU - Hale, Ida\n%s\n"
WOS = "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Hale, I\nTI Knots that slip\nDT %s\nER\n\nEF\n"
OPENALEX = {
    "id": "https://openalex.org/W1",
    "title": "Knots that slip",
    "authorships": [],
    "abstract_inverted_index": None,
}
CROSSREF = {"DOI": "10.9999/k", "title": ["Knots that slip"], "container-title": ["Knots"]}
CSL = {"type": "article-journal", "title": "Knots that slip", "DOI": "10.9999/k", "issued": {}}
UPDATE = {
    "DOI": "10.9999/r",
    "type": "retraction",
    "source": "retraction-watch",
    "updated": {"date-parts": [[2024, 2, 3]]},
}
ABSTRACT = "This paper has been withdrawn by the author, for its lemma is wrong."


def said(kind: NoticeKind, source: str, day: str | None = None, url: str | None = None) -> Notice:
    return Notice(kind=kind, source=source, day=day, url=url)


@pytest.mark.parametrize(
    ("name", "content", "notice"),
    [
        ("x.bib", BIB % ("{RETRACTED}: Knots that slip", ""), said(RETRACTED, "bibtex")),
        ("x.bib", BIB % ("Knots that slip", ", note={Withdrawn.}"), said(WITHDRAWN, "bibtex")),
        ("x.bib", BIB % ("Knots that slip", ", pubstate={retracted}"), said(RETRACTED, "bibtex")),
        ("x.bib", BIB % ("Knots that slip", ", document_type={Retracted}"), said(RETRACTED, "bibtex")),
        ("x.bib", BIB % ("Knots that slip", ", abstract={" + ABSTRACT + "}"), said(WITHDRAWN, "bibtex")),
        ("x.ris", RIS % "N1  - Retracted article", said(RETRACTED, "ris")),
        ("x.nbib", MEDLINE % "PT  - Journal Article\nPT  - Retracted Publication", said(RETRACTED, "pubmed")),
        (
            "x.nbib",
            MEDLINE % "RIN - Knots J. 2021 Feb;3(1):4. doi: 10.9999/r. PMID: 456",
            said(RETRACTED, "pubmed", url="https://pubmed.ncbi.nlm.nih.gov/456/"),
        ),
        (
            "x.nbib",
            MEDLINE % "PRIN- Knots J. PMID: 4",
            said(CORRECTED, "pubmed", url="https://pubmed.ncbi.nlm.nih.gov/4/"),
        ),
        (
            "x.nbib",
            MEDLINE % "ECI - Knots J. 2021 Feb;3(1):4. PMID: 457",
            said(CONCERN, "pubmed", url="https://pubmed.ncbi.nlm.nih.gov/457/"),
        ),
        ("x.nbib", MEDLINE % "EIN - Knots J. 2021 Feb;3(1):4", said(CORRECTED, "pubmed")),
        ("x.ciw", WOS % "Article; Retracted Publication", said(RETRACTED, "web of science")),
        ("x.jsonl", OPENALEX | {"is_retracted": True}, said(RETRACTED, "openalex")),
        (
            "x.jsonl",
            CROSSREF | {"updated-by": [UPDATE]},
            said(RETRACTED, "crossref", "2024-02-03", "https://doi.org/10.9999/r"),
        ),
        (
            "x.jsonl",
            CROSSREF | {"updated-by": [UPDATE | {"type": "expression_of_concern"}]},
            said(CONCERN, "crossref", "2024-02-03", "https://doi.org/10.9999/r"),
        ),
        (
            "x.jsonl",
            CROSSREF | {"update-to": [UPDATE | {"DOI": "10.9999/K"}]},
            said(RETRACTED, "crossref", "2024-02-03"),
        ),
        (
            "x.json",
            [CSL | {"updated-by": [UPDATE | {"type": "correction"}]}],
            said(CORRECTED, "csl json", "2024-02-03", "https://doi.org/10.9999/r"),
        ),
        ("x.json", [CSL | {"note": "This article was withdrawn."}], said(WITHDRAWN, "csl json")),
        (
            "x.jsonl",
            {
                "id": "0711.0001",
                "title": "Knots that slip",
                "authors_parsed": [["Hale", "Ida", ""]],
                "comments": "This paper has been withdrawn by the author",
                "versions": [{"version": "v1"}, {"version": "v2"}],
            },
            said(WITHDRAWN, "arxiv"),
        ),
        ("x.jsonl", TITLE | {"is_retracted": True}, said(RETRACTED, "json lines")),
        ("x.jsonl", TITLE | {"title": "WITHDRAWN: Knots that slip"}, said(WITHDRAWN, "json lines")),
        ("x.jsonl", TITLE | {"comments": "This paper is withdrawn"}, said(WITHDRAWN, "json lines")),
        ("x.jsonl", TITLE | {"abstract": ABSTRACT}, said(WITHDRAWN, "json lines")),
        (
            "x.jsonl",
            TITLE | {"notices": [{"kind": "retracted", "day": "2024-02-03", "url": "https://x.example/r"}]},
            said(RETRACTED, "json lines", "2024-02-03", "https://x.example/r"),
        ),
    ],
)
def test_each_source_says_it_in_its_way(tmp_path: Path, name: str, content: Any, notice: Notice):
    record = read_one(tmp_path, name, content)
    assert record.title.removesuffix(".") == "Knots that slip"
    assert record.notices == (notice,)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bib", BIB % ("Knots that slip", ", note={Withdrawn from ICLR 2024}")),
        ("x.nbib", MEDLINE % "PT  - Retraction of Publication"),
        ("x.ciw", WOS % "Retraction"),
        ("x.jsonl", OPENALEX | {"is_retracted": False}),
        ("x.jsonl", CROSSREF | {"update-to": [UPDATE]}),
        ("x.jsonl", CROSSREF | {"updated-by": [UPDATE | {"type": "new_version"}]}),
        (
            "x.jsonl",
            CROSSREF
            | {
                "updated-by": [
                    UPDATE,
                    UPDATE | {"type": "reinstatement", "updated": {"date-parts": [[2025]]}},
                ]
            },
        ),
        ("x.jsonl", TITLE | {"is_retracted": "unknown", "comments": {"a": 1}, "notices": [3, {"kind": "x"}]}),
    ],
)
def test_what_says_nothing_of_the_paper_is_no_notice(tmp_path: Path, name: str, content: Any):
    assert read_one(tmp_path, name, content).notices == ()


def test_arxiv_says_it_in_the_comment():
    entry = """<entry><id>http://arxiv.org/abs/2401.00001v2</id><title>Knots that slip</title>
    <summary>Of knots.</summary><published>2024-01-01T00:00:00Z</published>
    <arxiv:comment>This paper has been withdrawn by Ida Hale</arxiv:comment></entry>"""
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    (record,) = read_arxiv_atom(f"<feed {spaces}>{entry}</feed>".encode()).records
    assert record.notices == (said(WITHDRAWN, "arxiv api"),)


def record_of(source: str, key: str, title: str = "Knots that slip", **facts: Any) -> PaperRecord:
    return PaperRecord(
        source=source, source_id=key, source_key=key.split("v", maxsplit=1)[0], title=title, **facts
    )


def test_the_word_of_one_source_stays_where_another_is_silent_and_all_are_kept():
    retracted = said(RETRACTED, "crossref", "2024-02-03", "https://doi.org/10.9999/r")
    records = [
        record_of("crossref", "10.9999/k", notices=(said(CORRECTED, "crossref", "2022"), retracted)),
        record_of("openalex", "W1", notices=(said(RETRACTED, "openalex"),)),
        record_of("arxiv api", "2401.00001v1", arxiv_id="2401.00001"),
    ]
    for order in (records, records[::-1]):
        assert merge(order).notices == (
            retracted,
            said(RETRACTED, "openalex"),
            said(CORRECTED, "crossref", "2022"),
        )


def test_arxiv_takes_its_word_back_with_a_newer_version():
    withdrawn = record_of("arxiv", "2401.00001v2", arxiv_id="2401.00001", notices=(said(WITHDRAWN, "arxiv"),))
    again = record_of("arxiv api", "2401.00001v3", arxiv_id="2401.00001")
    assert merge([withdrawn, again.model_copy(update={"source_id": "2401.00001v1"})]).notices
    assert merge([withdrawn, again]).notices == ()


def other(title: str, kind: TitleKind = TitleKind.OTHER) -> OtherTitle:
    return OtherTitle(title=title, kind=kind)


ENDNOTE_XML = """<xml><records><record><titles><title>Knots that slip</title><short-title>Knots</short-title>
<translated-title>Knoten, die rutschen</translated-title></titles></record></records></xml>"""
SHORT, TRANSLATED = other("Knots", TitleKind.SHORT), other("Knoten, die rutschen", TitleKind.TRANSLATED)
ORIGINAL = other("Knoten, die rutschen", TitleKind.ORIGINAL)


@pytest.mark.parametrize(
    ("name", "content", "titles"),
    [
        (
            "x.bib",
            BIB % ("Knots that slip", ", shorttitle={Knots}, origtitle={Knoten, die rutschen}"),
            (SHORT, ORIGINAL),
        ),
        (
            "x.bib",
            BIB % ("Knots that slip", ", titleaddon={A reply}"),
            (other("Knots that slip. A reply"),),
        ),
        ("x.ris", RIS % "ST  - Knots\nTT  - Knoten, die rutschen", (SHORT, TRANSLATED)),
        ("x.ris", RIS % "ST  - Knots that slip", ()),
        (
            "x.enw",
            "%0 Journal Article\n%T Knots that slip\n%! Knots\n%Q Knoten, die rutschen\n",
            (SHORT, TRANSLATED),
        ),
        ("x.xml", ENDNOTE_XML, (SHORT, TRANSLATED)),
        (
            "x.nbib",
            MEDLINE % "TT  - Knoten, die rutschen.",
            (other("Knoten, die rutschen", TitleKind.ORIGINAL),),
        ),
        (
            "x.json",
            [CSL | {"title-short": "Knots", "original-title": "Knoten, die rutschen"}],
            (SHORT, ORIGINAL),
        ),
        (
            "x.jsonl",
            CROSSREF
            | {
                "title": ["Knots that slip", "Slipping knots"],
                "short-title": ["Knots"],
                "original-title": ["Knoten, die rutschen"],
                "subtitle": ["a survey"],
            },
            (SHORT, ORIGINAL, other("Slipping knots"), other("Knots that slip: a survey")),
        ),
        (
            "x.jsonl",
            TITLE | {"short_title": "Knots", "other_titles": ["Slipping knots"], "title_en": None},
            (other("Slipping knots"), SHORT),
        ),
        ("x.jsonl", TITLE | {"other_titles": [{"title": "Knots", "kind": "short"}]}, (SHORT,)),
        (
            "x.jsonl",
            TITLE | {"title": "RETRACTED: Knots that slip"},
            (other("RETRACTED: Knots that slip"),),
        ),
    ],
)
def test_other_titles_are_kept_with_what_they_are(
    tmp_path: Path, name: str, content: Any, titles: tuple[OtherTitle, ...]
):
    assert read_one(tmp_path, name, content).other_titles == titles


def test_the_titles_of_other_sources_are_other_titles():
    records = [
        record_of("bibtex", "10.9999/k", "Knots that slip: a survey"),
        record_of("crossref", "10.9999/k", other_titles=(SHORT,)),
        record_of("openalex", "W1", "Knots That  Slip"),
    ]
    for order in (records, records[::-1]):
        merged = merge(order)
        assert merged.title == "Knots that slip"
        assert merged.other_titles == (SHORT, other("Knots that slip: a survey"))
