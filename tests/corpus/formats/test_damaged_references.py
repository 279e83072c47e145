"""Damaged, hostile and unusual files of references: every entry is a paper, a refusal or a remark."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.files import read_file
from bot.corpus.formats.opening import Item, PaperRead, Remark, RowRefused
from bot.corpus.paper import PaperRecord
from bot.errors import UnreadableFileError
from tests.apps import processor_seconds

TODAY = dt.date(2026, 4, 1)
BIBTEX = "@article{a,\n  title = {First {T}itle}, author = {Ann Bo and Cy Do}, year = 1999, month = mar}\n"
SOUND = {
    "refs.bib": BIBTEX,
    "refs.ris": "TY  - JOUR\nAU  - Bo, Ann\nTI  - First title\nPY  - 1999/03/02/\nER  - \n\n",
    "refs.nbib": "PMID- 1\nFAU - Bo, Ann\nTI  - First title\nDP  - 1999 Mar\n\n",
    "refs.ciw": "PT J\nAF Bo, Ann\n   Do, Cy\nTI First title\nPY 1999\nER\n\n",
    "refs.enw": "%0 Journal Article\n%A Bo, Ann\n%T First title\n%D 1999\n\n",
    "refs.json": '[{"title": "First title", "author": [{"family": "Bo", "given": "Ann"}], "issued": {}}]',
    "refs.xml": "<xml><records><record><titles><title>First title</title></titles></record></records></xml>",
    "refs.jsonl": '{"title": "First title", "authors": ["Ann Bo"], "date": "1999-03"}\n',
}
PIECES = [
    "{",
    "}",
    '"',
    "\\",
    "$",
    "@",
    ",",
    "\n",
    "\r",
    "\x00",
    "=",
    "#",
    "%",
    "<",
    "&#0;",
    "[",
    "]",
    "9" * 5000,
]
PIECES += [
    "@misc{b, ",
    "ER  - \n",
    "TY  - JOUR\n",
    "PT J\n",
    "PMID- 2\n",
    "%0 Book\n",
    "and ",
    "\\ud800",
    "-",
]


def read_bytes(folder: Path, name: str, content: bytes) -> list[Item]:
    path = folder / name
    path.write_bytes(content)
    return list(read_file(path, as_of=None, today=TODAY))


def papers(folder: Path, name: str, content: str) -> list[PaperRecord]:
    items = read_bytes(folder, name, content.encode())
    return [item.record for item in items if isinstance(item, PaperRead)]


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(sorted(SOUND)),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(["", *PIECES]), st.integers(1, 30)),
        min_size=1,
        max_size=6,
    ),
)
def test_a_damaged_file_raises_nothing_but_that_it_cannot_be_read(
    name: str, changes: list[tuple[float, int, str, int]]
):
    content = SOUND[name] * 3
    for share, dropped, piece, times in changes:
        place = int(share * len(content))
        content = f"{content[:place]}{piece * times}{content[place + dropped :]}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            items = read_bytes(Path(folder), name, content.encode())
        except UnreadableFileError:
            return
    assert all(item.record.title for item in items if isinstance(item, PaperRead))


@settings(max_examples=100, deadline=None)
@given(
    share=st.floats(0, 1),
    dropped=st.integers(1, 25),
    piece=st.sampled_from(["", "{", "}", '"', "\\", "@", "=", ",", "#"]),
)
def test_every_entry_of_a_damaged_bibtex_file_ends_as_paper_refusal_or_remark(
    share: float, dropped: int, piece: str
):
    content = "".join(BIBTEX.replace("{a,", f"{{key{number},") for number in range(5))
    place = int(share * len(content))
    content = f"{content[:place]}{piece}{content[place + dropped :]}"
    starts = sum(line.startswith("@article{") for line in content.split("\n"))
    with tempfile.TemporaryDirectory() as folder:
        items = read_bytes(Path(folder), "refs.bib", content.encode())
    ends = sum(isinstance(item, PaperRead | RowRefused) for item in items)
    assert ends >= starts or any(isinstance(item, Remark) for item in items)


LONG = {
    "braces within braces": ("refs.bib", "@article{a, title = " + "{" * 200_000 + "x" + "}" * 200_000 + "}"),
    "braces that never close": ("refs.bib", "@article{a, title = {x\n" * 50_000),
    "backslashes": ("refs.bib", "@article{a, title={T}, abstract={" + "\\" * 500_000 + "}}"),
    "formulas without end": ("refs.bib", "@article{a, title={T}, abstract={" + r"\(" * 250_000 + "}}"),
    "conditions without end": (
        "refs.bib",
        "@article{a, title={T}, abstract={" + r"\ifmmode " * 50_000 + "}}",
    ),
    "a month of digits": ("refs.bib", "@article{a, title={T}, year=2001, month={" + "1" * 100_000 + "}}"),
    "strings that double": (
        "refs.bib",
        '@string{s0 = "xxxxxxxxxx"}\n'
        + "".join(f"@string{{s{number + 1} = s{number} # s{number}}}\n" for number in range(60))
        + "@article{a, title={T}, abstract=s60"
        + " # s60" * 10_000
        + "}",
    ),
    "data that name all data": (
        "refs.bib",
        "".join(
            f"@xdata{{x{number}, xdata={{{','.join(f'x{other}' for other in range(40))}}}}}\n"
            for number in range(40)
        )
        + "@article{a, title={T}, xdata={x0,x1,x2,x3}}",
    ),
    "one abstract of many lines": (
        "refs.ris",
        "TY  - JOUR\nTI  - T\nAB  - x\n" + "more text\n" * 400_000 + "ER  - \n",
    ),
    "commas for a name": ("refs.ris", "TY  - JOUR\nTI  - T\nAU  - " + "," * 200_000 + "\nER  - \n"),
    "commas and no et al.": (
        "refs.json",
        json.dumps([{"title": "T", "author": [{"family": ", " * 99_999}]}]),
    ),
    "generations": ("refs.ris", "TY  - JOUR\nTI  - T\nAU  - " + "Jr., " * 50_000 + "\nER  - \n"),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_hostile_file_is_read_in_linear_time(tmp_path: Path, kind: str):
    name, content = LONG[kind]
    with processor_seconds() as used:
        items = read_bytes(tmp_path, name, content.encode())
        assert used() < 5  # quadratic reading takes minutes
    assert any(isinstance(item, PaperRead | RowRefused) for item in items)


def test_tags_of_ris_that_no_list_has_do_not_go_into_the_author_before_them(tmp_path: Path):
    (paper,) = papers(
        tmp_path,
        "refs.ris",
        "TY  - JOUR\nTI  - T\nA1  - Pinto, Jose\nAI  - ORCID: http://orcid.org/Pinto, Jose\nER  - \n",
    )
    assert [one.name for one in paper.authors] == ["Jose Pinto"]


def test_the_date_of_pubmed_may_stand_without_signs_and_is_not_that_of_its_indexing(tmp_path: Path):
    late, whole = papers(
        tmp_path,
        "refs.nbib",
        "PMID- 1\nTI  - A\nDEP - 20190325\n\nPMID- 2\nDCOM- 20201005\nTI  - B\nDP  - 2020\n",
    )
    assert (late.published, whole.published) == ("2019-03-25", "2020")


def test_generations_in_pubmed_stand_behind_the_family_name(tmp_path: Path):
    (paper,) = papers(
        tmp_path,
        "refs.nbib",
        "PMID- 1\nTI  - A\nFAU - Griffin, Darren K 3rd\nFAU - King, Luther Jr\nFAU - Wu, V\n",
    )
    assert [one.name for one in paper.authors] == ["Darren K Griffin 3rd", "Luther King Jr", "V. Wu"]


def test_references_of_eric_are_read_though_they_have_no_number_of_pubmed(tmp_path: Path):
    first, second = papers(
        tmp_path,
        "refs.nbib",
        "\nOWN - ERIC\nTI  - One\nAU  - Smith, Tom\nDP  - 2000\nLID - http://eric.ed.gov/?id=EJ1\n"
        "\nOWN - ERIC\nTI  - Two\nAU  - Hunter, Shawn\n",
    )
    assert (first.title, first.authors[0].name, first.url) == (
        "One",
        "Tom Smith",
        "http://eric.ed.gov/?id=EJ1",
    )
    assert second.title == "Two"


def test_web_of_science_gives_numbers_of_articles_early_access_and_conferences(tmp_path: Path):
    of_medline, first, second = papers(
        tmp_path,
        "refs.ciw",
        "PT J\nTI Nil\nPS 2457-71\nPY 2006\nPD 2006 May-Jun\nER\n\n"
        "PT J\nTI One\nSO NATURE\nEA JAN 2021\nAR e123\nER\n\n"
        "PT C\nTI Two\nCT Conf on Things\nPD MAR-APR\nPY 2019\nBP 7\nEP 9\nAR e5\nER\n",
    )
    assert (of_medline.published, of_medline.pages) == ("2006-05", "2457-71")
    assert (first.published, first.pages, first.venue) == ("2021-01", "e123", "NATURE")
    assert (second.published, second.pages, second.venue) == ("2019-03", "7-9", "Conf on Things")


@pytest.mark.parametrize(
    ("year", "date", "expected"),
    [
        ("2012", "March 3", "2012-03-03"),
        ("2001", "2001/05/06", "2001-05-06"),
        ("2012", "9 May 2012", "2012-05-09"),
        ("2012", "25/03/2012", "2012-03-25"),
        ("2012", "Winter", "2012"),
        ("2012", "03/04/2012", "2012"),
    ],
)
def test_the_day_of_endnote_goes_with_its_year(tmp_path: Path, year: str, date: str, expected: str):
    (paper,) = papers(tmp_path, "refs.enw", f"%0 Journal Article\n%T T\n%D {year}\n%8 {date}\n")
    assert paper.published == expected


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ({"date-parts": [["2019", "5", "3"]]}, "2019-05-03"),
        ({"date-parts": [[2019.0, 5]]}, "2019-05"),
        ({"date-parts": [[2019, None, 5]]}, "2019"),
        ({"date-parts": [["2019-05"]]}, "2019-05"),
        ({"date-parts": [2019, 5]}, "2019-05"),
        ({"date-parts": [["2019", ""]]}, "2019"),
        ({"date-parts": [[2019]], "season": 2}, "2019"),
        ({"raw": "2001-03"}, "2001-03"),
    ],
)
def test_dates_of_csl_are_read_as_programs_write_them(
    tmp_path: Path, issued: dict[str, object], expected: str
):
    (paper,) = papers(tmp_path, "refs.json", json.dumps([{"title": "T", "issued": issued}]))
    assert paper.published == expected


_AS_LETTERS = str.maketrans("0123456789", "ghiklmnoqr")
MANY = [f"H{number:05x}, Ida".translate(_AS_LETTERS) for number in range(100_000)]
MANY_AUTHORS: dict[str, Callable[[list[str]], str]] = {
    "accents.bib": lambda names: (
        "@article{a, title={T}, author={" + " and ".join(f"{{\\'E}}{one}" for one in names) + "}}"
    ),
    "list.ris": lambda names: "TY  - JOUR\nTI  - T\nAU  - " + "; ".join(names) + "\nER  - \n",
    "list.jsonl": lambda names: json.dumps({"title": "T", "authors": names}),
    "list.json": lambda names: json.dumps(
        [{"type": "book", "title": "T", "author": [{"literal": one} for one in names]}]
    ),
}


@pytest.mark.parametrize("name", MANY_AUTHORS)
def test_of_100_000_authors_the_first_are_kept_at_once_and_that_is_said(tmp_path: Path, name: str):
    with processor_seconds() as used:
        read_bytes(tmp_path, name, MANY_AUTHORS[name](MANY[:10_000]).encode())
        tenth = used()
    with processor_seconds() as used:
        paper, remark = read_bytes(tmp_path, name, MANY_AUTHORS[name](MANY).encode())
        assert used() < 20 * tenth + 0.5  # ten times as many, and no more than that
    assert isinstance(paper, PaperRead)
    assert isinstance(remark, Remark)
    assert paper.record.authors_truncated
    assert 19_000 < len(paper.record.authors) <= 20_000
    assert "1 list of more than 20,000 authors; the first are kept" in remark.text


@pytest.mark.parametrize("issued", [{"year": "soon"}, {"date-parts": [[-50]]}, {"raw": "soon"}])
def test_a_date_of_csl_that_is_not_understood_is_named(tmp_path: Path, issued: dict[str, object]):
    items = read_bytes(tmp_path, "refs.json", json.dumps([{"title": "T", "issued": issued}]).encode())
    assert ["not understood" in item.text for item in items if isinstance(item, Remark)] == [True]


def test_a_long_abstract_before_the_authors_hides_no_csl(tmp_path: Path):
    entry = {"id": "a", "type": "article-journal", "abstract": "x " * 3_000, "title": "T", "author": []}
    (paper,) = papers(tmp_path, "refs.json", json.dumps([entry]))
    assert paper.title == "T"


def test_names_and_titles_of_csl_are_read_as_programs_write_them(tmp_path: Path):
    (paper,) = papers(
        tmp_path,
        "refs.json",
        json.dumps(
            [
                {
                    "title": ["T"],
                    "container-title": ["J"],
                    "author": [
                        {"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"},
                        {"literal": "World Health Organization"},
                        {"family": "Doe", "given": "J. et al."},
                    ],
                }
            ]
        ),
    )
    assert (paper.title, paper.venue) == ("T", "J")
    assert [one.name for one in paper.authors] == [
        "Ludwig van Beethoven",
        "World Health Organization",
        "J. Doe",
    ]
    assert paper.authors_truncated


@pytest.mark.parametrize("name", ["refs.bib", "refs.ris", "refs.json", "refs.txt"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_refused_by_name(tmp_path: Path, name: str, encoding: str):
    with pytest.raises(UnreadableFileError, match="UTF-16 text without a byte order mark"):
        read_bytes(tmp_path, name, SOUND.get(name, BIBTEX).encode(encoding))


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("mac_roman", "Größe und Übermaß"),
        ("cp1250", "Zażółć gęślą jaźń"),
        ("cp1250", "Dobrą radą"),
        ("cp1250", "Jiří Dvořák"),
        ("iso8859-2", "Zażółć gęślą jaźń"),
        ("iso8859-15", "Œuvre à 5 € de Žižek"),
    ],
)
def test_an_encoding_that_cannot_be_told_is_refused_with_its_line(tmp_path: Path, encoding: str, title: str):
    with pytest.raises(UnreadableFileError, match="line 2 is not UTF-8"):
        read_bytes(tmp_path, "refs.bib", f"\n@article{{a, title={{{title}}}}}".encode(encoding))


@pytest.mark.parametrize("title", ["Thérèse Élève à 5 m³ d’œufs", "Søren Ångström Müller", "Peña, «qué»"])
def test_western_files_of_old_are_read_with_a_remark(tmp_path: Path, title: str):
    items = read_bytes(tmp_path, "refs.bib", f"@article{{a, title={{{title}}}}}".encode("cp1252"))
    assert [item.record.title for item in items if isinstance(item, PaperRead)] == [title]
    assert ["cp1252" in item.text for item in items if isinstance(item, Remark)] == [True]


def test_a_few_broken_bytes_in_utf8_are_refused_with_their_line(tmp_path: Path):
    content = "@article{a, title={Größe}}\n".encode() * 9 + b"@article{b, title={Gr\xf6\xc3\xdfe}}\n"
    with pytest.raises(UnreadableFileError, match="line 10 is not UTF-8"):
        read_bytes(tmp_path, "refs.bib", content)


def test_hyphenation_of_latex_is_no_part_of_a_word(tmp_path: Path):
    (paper,) = papers(tmp_path, "refs.bib", r"@misc{a, title={Pho\-to{\-}graphy}, author={Ed Mac{\-}Donald}}")
    assert (paper.title, paper.authors[0].name) == ("Photography", "Ed MacDonald")
