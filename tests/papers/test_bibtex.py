"""BibTeX entries, read back by the library that wrote them."""

from __future__ import annotations

from typing import Any

import bibtexparser
import pytest
from bibtexparser.model import Entry
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.paper import Notice, NoticeKind, OtherTitle, TitleKind
from bot.papers.bibtex import bibtex, citation_key
from bot.papers.results import Paper


def paper(**changes: Any) -> Paper:
    facts: dict[str, Any] = {
        "id": 1,
        "source_id": "2110.13363v1",
        "title": "Exponential Graph is Provably Efficient for Decentralized Deep Training",
        "authors": ("Bicheng Ying", "Kun Yuan"),
        "authors_truncated": False,
        "attributed_to": (),
        "field": "LG",
        "categories": ("cs.LG", "math.OC"),
        "published": "2021-10-26",
        "published_inferred": False,
        "abstract": "",
        "url": "https://arxiv.org/abs/2110.13363",
        "has_code": False,
        "code_url": None,
        "venue": "arXiv",
        "citations": None,
        "score": None,
        "doi": None,
        "arxiv_id": "2110.13363",
    }
    return Paper(**(facts | changes))


def entry(written: Paper) -> Entry:
    """The one entry, as a program that reads the file sees it."""
    library = bibtexparser.parse_string(bibtex(written))
    assert library.failed_blocks == []
    (found,) = library.entries
    return found


def field(written: Paper, name: str) -> str | None:
    found = entry(written).fields_dict.get(name)
    return found.value if found is not None else None


def test_a_paper_of_arxiv_is_cited_with_its_eprint() -> None:
    assert bibtex(paper()) == (
        "@misc{ying2021exponential,\n"
        "\ttitle = {{Exponential Graph is Provably Efficient for Decentralized Deep Training}},\n"
        "\tauthor = {Bicheng Ying and Kun Yuan},\n"
        "\tyear = {2021},\n"
        "\tmonth = oct,\n"
        "\teprint = {2110.13363},\n"
        "\tarchivePrefix = {arXiv},\n"
        "\tprimaryClass = {cs.LG},\n"
        "\turl = {https://arxiv.org/abs/2110.13363}\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("venue", "entry_type", "name"),
    [
        ("NeurIPS 2021", "inproceedings", "booktitle"),
        ("Proceedings of the 38th Meeting", "inproceedings", "booktitle"),
        ("Journal of Machine Learning Research", "article", "journal"),
        ("Nature", "article", "journal"),
    ],
)
def test_the_venue_decides_the_type(venue: str, entry_type: str, name: str) -> None:
    found = entry(paper(venue=venue))
    assert found.entry_type == entry_type
    assert found.fields_dict[name].value == venue


@pytest.mark.parametrize("venue", [None, "", "arXiv", "arXiv.org"])
def test_a_paper_without_a_venue_is_miscellaneous(venue: str | None) -> None:
    assert entry(paper(venue=venue)).entry_type == "misc"


def test_a_cut_list_of_authors_ends_in_others() -> None:
    assert field(paper(authors_truncated=True), "author") == "Bicheng Ying and Kun Yuan and others"


def test_a_team_with_an_and_in_its_name_stays_one_author() -> None:
    assert (
        field(paper(authors=("Research and Development", "A B")), "author")
        == "{Research and Development} and A B"
    )


def test_what_is_not_known_is_left_out() -> None:
    found = entry(
        paper(authors=(), published=None, arxiv_id=None, url=None, doi=None, venue=None, categories=())
    )
    assert [each.key for each in found.fields] == ["title"]
    assert found.key == "anonymousexponential"


def test_a_month_is_given_when_it_is_known_and_an_inferred_year_is_said() -> None:
    assert field(paper(published="2021"), "month") is None
    assert field(paper(published="2021-03"), "month") == "mar"
    assert field(paper(published="2026-03-12", published_inferred=True), "note") == "Year inferred"


def test_special_characters_are_escaped() -> None:
    written = paper(
        title=r"50\% of R&D in C#: a_b, {x} and θ", authors=("Marc Mézard", "潘攀"), doi="10.1/a_b"
    )
    assert field(written, "title") == r"{50{\%} of R{\&}D in C{\#}: a{\_}b, x and {\ensuremath{\theta}}}"
    assert field(written, "author") == r"Marc M{\'e}zard and 潘攀"
    assert field(written, "doi") == "10.1/a_b"


def test_no_command_of_a_title_reaches_latex() -> None:
    title = field(paper(title=r"A \input{/etc/passwd} \write18{rm} \OurMethod"), "title")
    assert title is not None
    assert r"\input" not in title
    assert r"\write" not in title
    assert r"\OurMethod" not in title


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"authors": ("Ying, Bicheng",)}, "ying2021exponential"),
        ({"authors": ("Łukasz Øster",)}, "oster2021exponential"),
        ({"title": "On the 3D View-Point", "published": "2020"}, "ying20203d"),
        ({"title": "2024: A Year"}, "ying2021year"),
        ({"title": "…", "authors": ("…",), "published": None}, "anonymous"),
    ],
)
def test_keys_name_family_year_and_a_weighty_word(changes: dict[str, Any], key: str) -> None:
    assert citation_key(paper(**changes)) == key


@settings(deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=20), st.text(max_size=30))
def test_any_text_makes_one_entry_that_can_be_read(title: str, name: str, address: str) -> None:
    written = paper(title=title, authors=(name, name), venue=title, url=f"https://{address}")
    assert entry(written).key == citation_key(written)


def test_what_became_of_a_paper_is_noted_with_who_says_so_and_titles_have_their_fields() -> None:
    notices = (
        Notice(
            kind=NoticeKind.RETRACTED, source="crossref", day="2024-02-03", url="https://doi.org/10.9/r_1"
        ),
        Notice(kind=NoticeKind.CORRECTED, source="openalex"),
    )
    others = tuple(OtherTitle(title=f"A {kind} title", kind=kind) for kind in TitleKind)
    written = paper(notices=notices, other_titles=others, published_inferred=True)
    told = "Retracted 2024-02-03 (Crossref) https://doi.org/10.9/r_1; Corrected (OpenAlex); Year inferred"
    assert field(written, "note") == told
    assert field(written, "shorttitle") == "A short title"
    assert field(written, "origtitle") == "A original title"
    assert field(written, "translatedtitle") == "A translated title"
