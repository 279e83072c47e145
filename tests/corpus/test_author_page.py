"""Author pages saved as text: the shipped one, and every way in which others differ."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.corpus.files import Item, PaperRead, ProfileRead, Remark, RowRefused, read_file
from bot.corpus.formats.author_page import read_date, read_figure, read_head
from bot.corpus.paper import PaperRecord
from bot.errors import UnreadableFileError
from tests.conftest import AUTHOR_PAGE

TODAY = dt.date(2026, 7, 20)

HEADER = "Pan Pan\n\nCV\nh-index98\n2papers\n1,791citations\nNovelty55%\nAI Score48\n\n2 Papers\n\n"
FIRST = "CVMay 8, 2022Code\nOne Title\n\nMingxing Li, Li Hu et al.\n\nAn abstract.\n\n"
SECOND = "75.3LGMar 12\nAnother Title\n\nPan Pan\n\nAnother abstract."

Read = Callable[..., list[Item]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes, as_of: dt.date | None = None, name: str = "page.txt") -> list[Item]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_file(path, as_of=as_of, today=TODAY))

    return read


def papers(items: list[Item]) -> list[PaperRecord]:
    return [item.record for item in items if isinstance(item, PaperRead)]


def remarks(items: list[Item]) -> list[str]:
    return [item.text for item in items if isinstance(item, Remark)]


@pytest.fixture(scope="module")
def shipped() -> list[Item]:
    return list(read_file(AUTHOR_PAGE, as_of=dt.date(2026, 7, 1), today=TODAY))


def test_the_shipped_page_reports_what_its_header_says(shipped: list[Item]) -> None:
    first = shipped[0]
    assert isinstance(first, ProfileRead)
    profile = first.profile
    assert profile.author.name == "Pan Pan"
    assert (profile.field, profile.h_index, profile.papers, profile.citations) == ("CV", 98, 26, 1791)
    assert (profile.novelty, profile.ai_score) == (55, 48)
    assert profile.as_of == dt.date(2026, 7, 1)
    assert remarks(shipped) == []


def test_the_shipped_page_has_all_its_papers(shipped: list[Item]) -> None:
    found = papers(shipped)
    assert len(found) == len(shipped) - 1 == 26
    assert len({paper.source_key for paper in found}) == 26
    assert Counter(paper.field for paper in found) == {"CV": 19, "LG": 6, "IR": 1}
    assert [paper.score for paper in found if paper.score is not None] == [75.3]
    assert sum(paper.has_code for paper in found) == 2
    assert sum(paper.authors_truncated for paper in found) == 25
    assert all(paper.attributed_to is not None and paper.attributed_to.name == "Pan Pan" for paper in found)
    assert sum("Pan Pan" in [author.name for author in paper.authors] for paper in found) == 10
    assert all(len(paper.authors) == 3 and paper.abstract.endswith((".", "gains.")) for paper in found)


def test_the_shipped_page_has_the_code_addresses_of_its_abstracts(shipped: list[Item]) -> None:
    assert {paper.code_url for paper in papers(shipped) if paper.code_url} == {
        "https://github.com/Limingxing00/RDE-VOS-CVPR2022",
        "https://github.com/Bluefog-Lib/NeurIPS2021-Exponential-Graph",
    }


def test_the_shipped_page_has_one_date_without_a_year(shipped: list[Item]) -> None:
    (paper,) = [paper for paper in papers(shipped) if paper.published_inferred]
    assert paper.title == "Intrinsic Concept Extraction Based on Compositional Interpretability"
    assert paper.published == "2026-03-12"


@pytest.mark.parametrize(
    ("as_of", "published"),
    [
        (dt.date(2026, 3, 12), "2026-03-12"),
        (dt.date(2026, 3, 11), "2025-03-12"),
        (dt.date(2024, 12, 31), "2024-03-12"),
        (None, "2026-03-12"),
    ],
)
def test_a_date_without_a_year_never_lies_ahead(as_of: dt.date | None, published: str) -> None:
    found = papers(list(read_file(AUTHOR_PAGE, as_of=as_of, today=TODAY)))
    assert [paper.published for paper in found if paper.published_inferred] == [published]


def test_authors_stand_in_their_order(read: Read) -> None:
    first, second = papers(read(HEADER + FIRST + SECOND))
    assert [author.name for author in first.authors] == ["Mingxing Li", "Li Hu"]
    assert first.authors_truncated
    assert [author.name for author in second.authors] == ["Pan Pan"]
    assert not second.authors_truncated


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page.replace("\n", "\r\n"),
        lambda page: "\ufeff" + page,
        lambda page: "\n\n" + page + "\n\n\n",
        lambda page: page.replace("\n\n", "\n"),
        lambda page: page.replace("\n\n", "\n\n\n\n"),
        lambda page: page.replace("CVMay 8, 2022Code", "CV May 8, 2022 Code").replace(
            "75.3LGMar", "75.3 LG  Mar"
        ),
        lambda page: page.replace("h-index98", "h-index 98").replace("1,791citations", "Citations: 1,791"),
        lambda page: page.replace("1,791", "1791").replace("AI Score48", "AI Score 48.0"),
        lambda page: page.replace("\n", "  \n  "),
    ],
)
def test_the_layout_of_a_page_does_not_matter(read: Read, change: Callable[[str], str]) -> None:
    page = HEADER + FIRST + SECOND
    expected = read(page)
    changed = read(change(page))
    assert papers(changed) == papers(expected)
    assert len(papers(changed)) == 2
    assert [item.profile for item in changed if isinstance(item, ProfileRead)] == [
        item.profile for item in expected if isinstance(item, ProfileRead)
    ]
    assert remarks(changed) == []


@pytest.mark.parametrize(
    "missing", ["CV\n", "h-index98\n", "2papers\n", "1,791citations\n", "Novelty55%\n", "AI Score48\n"]
)
def test_any_figure_of_the_header_may_be_missing(read: Read, missing: str) -> None:
    items = read(HEADER.replace(missing, "", 1) + FIRST + SECOND)
    assert len(papers(items)) == 2
    assert remarks(items) == []


def test_a_page_may_have_a_name_alone_before_its_papers(read: Read) -> None:
    items = read(f"Pan Pan\n\n{FIRST}")
    assert isinstance(items[0], ProfileRead)
    assert items[0].profile.h_index is None
    assert items[0].profile.papers is None
    assert len(papers(items)) == 1


def test_one_paper_is_counted_in_the_singular(read: Read) -> None:
    items = read(f"Pan Pan\n1 paper\n1 citation\n\n1 Paper\n\n{FIRST}")
    assert isinstance(items[0], ProfileRead)
    assert (items[0].profile.papers, items[0].profile.citations) == (1, 1)
    assert remarks(items) == []


def test_an_abstract_may_have_several_paragraphs_or_none(read: Read) -> None:
    first, second, third = papers(
        read(
            "Pan Pan\n\nCVMay 8, 2022\nOne\n\nA B, C D\n\nFirst line\ngoes on.\n\nSecond.\n\n"
            "CVMay 9, 2022\nTwo\n\nA B et al.\n\nLGMay 10, 2022\nThree\n\nA B\n"
        )
    )
    assert first.abstract == "First line goes on.\n\nSecond."
    assert second.abstract == ""
    assert second.authors_truncated
    assert third.abstract == ""


@pytest.mark.parametrize("line", ["CVMay 8, 2022", "ICCV 2021", "AI 2022", "math 2021", "LG May 2022"])
def test_a_line_of_an_abstract_that_looks_like_a_head_splits_nothing(read: Read, line: str) -> None:
    abstract = f"We took part in\n{line}\nand that was well.\n\nThe end."
    page = f"Pan Pan\n\nCVMay 8, 2022\nOne\n\nA B, C D\n\n{abstract}"
    (paper,) = papers(read(page))
    assert line in paper.abstract
    assert paper.abstract.endswith("The end.")


def test_a_paper_without_authors_is_read_with_a_remark(read: Read) -> None:
    items = read(
        f"Pan Pan\n\n{FIRST}CVMay 9, 2022\nA Title Alone\n\nThis abstract says that nobody is named at all.\n"
    )
    assert [paper.title for paper in papers(items)] == ["One Title", "A Title Alone"]
    assert papers(items)[1].authors == ()
    assert remarks(items) == ["“A Title Alone” names no author"]


@pytest.mark.parametrize(
    ("head", "field", "category", "published"),
    [
        ("cs.CVMay 8, 2022", "CV", "cs.CV", "2022-05-08"),
        ("stat.ML May 8, 2022", "ML", "stat.ML", "2022-05-08"),
        ("math.OCMay 2022", "OC", "math.OC", "2022-05"),
        ("quant-ph2022", "quant-ph", "quant-ph", "2022"),
        ("cond-mat.mtrl-sci2022-05-08", "mtrl-sci", "cond-mat.mtrl-sci", "2022-05-08"),
        ("ROB8 May 2022", "ROB", None, "2022-05-08"),
        ("88CVSeptember 1, 2020", "CV", None, "2020-09-01"),
    ],
)
def test_heads_name_fields_and_dates_in_many_ways(
    read: Read, head: str, field: str, category: str | None, published: str
) -> None:
    (paper,) = papers(read(f"Pan Pan\n\n{head}\nOne\n\nA B et al.\n\nAbstract."))
    assert (paper.field, paper.published) == (field, published)
    assert paper.categories == ((category,) if category else ())


@pytest.mark.parametrize(
    "date", ["Feb 30, 2021", "Feb 30", "Feb 29, 2021", "Apr 31, 2021", "May 0, 2021", "0000", "2021-13"]
)
def test_a_date_that_cannot_be_is_refused_with_its_line(read: Read, date: str) -> None:
    items = read(f"Pan Pan\n\nCV{date}\nOne\n\nA B et al.\n\nAbstract.\n\n{SECOND}")
    (refused,) = [item for item in items if isinstance(item, RowRefused)]
    assert refused.line == 3
    assert "“One”" in refused.reason
    assert date in refused.reason
    assert len(papers(items)) == 1


def test_a_header_that_counts_other_than_the_page_is_said_and_read(read: Read) -> None:
    items = read(HEADER.replace("2papers", "3papers").replace("2 Papers", "3 Papers") + FIRST + SECOND)
    assert remarks(items) == ["the header says 3 papers, and the page lists 2"]
    assert len(papers(items)) == 2


def test_a_header_that_contradicts_itself_is_said(read: Read) -> None:
    items = read(HEADER.replace("2 Papers", "5 Papers") + FIRST + SECOND)
    assert remarks(items) == ["the header gives papers as 2 and as 5"]


@pytest.mark.parametrize(
    "line", ["University of Somewhere", "citations1.8k", "h-index99999999999999999999", "Novelty 155%"]
)
def test_a_line_of_the_header_that_says_nothing_known_is_said(read: Read, line: str) -> None:
    items = read(f"Pan Pan\n{line}\n\n{FIRST}")
    assert remarks(items) == [f"this line of the header is not understood: “{line}”"]
    assert len(papers(items)) == 1


def test_et_al_punctuation_and_case_do_not_change_the_id(read: Read) -> None:
    (one,) = papers(read(f"Pan Pan\n\n{FIRST}"))
    (other,) = papers(
        read("Pan Pan\n\n9LGMay 9, 2023\nOne title!\n\nMingxing Li, Li Hu, Wei Pan, Pan Li\n\nChanged.")
    )
    assert other.source_key == one.source_key == one.source_id
    (another,) = papers(read(f"Pan Pan\n\n{FIRST.replace('Mingxing', 'Xing')}"))
    assert another.source_key != one.source_key


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it is empty"),
        ("\n \n\n", "it is empty"),
        (HEADER, "the page of Pan Pan lists no paper"),
        ("Pan Pan\nh-index98\n", "the page of Pan Pan lists no paper"),
        (FIRST, "the author's name is missing"),
        (f"***\n\n{FIRST}", "no author's name"),
        ("To whom it may concern,\n\nthis is a letter.\n", "expected are JSON lines"),
        ("<!doctype html>\n<html></html>\n", "expected are JSON lines"),
        ("title,authors\nOne,A B\n", "expected are JSON lines"),
        ('[{"title": "One"', "it is no whole JSON"),
        (HEADER + FIRST.replace("abstract", "abs\x00tract"), "NUL bytes"),
        ((HEADER + FIRST).replace("abstract", "abströct").encode("latin-1"), "not UTF-8 (byte 0xf6)"),
        ((HEADER + FIRST).encode("utf-16"), "UTF-16"),
        (bytes(range(256)) * 10, "expected are JSON lines"),
    ],
)
def test_what_is_no_author_page_is_refused_with_a_reason(
    read: Read, content: str | bytes, reason: str
) -> None:
    with pytest.raises(UnreadableFileError) as refusal:
        read(content)
    assert reason in str(refusal.value)
    assert "page.txt" in str(refusal.value)


def test_a_page_in_a_wrong_encoding_is_refused_with_its_line(read: Read) -> None:
    with pytest.raises(UnreadableFileError) as refusal:
        read((HEADER + FIRST).replace("abstract", "abströct").encode("latin-1"))
    assert refusal.value.line == len((HEADER + FIRST).split("An abstract")[0].splitlines()) + 1


@given(st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1)), st.dates(dt.date(1999, 1, 1), dt.date(2090, 1, 1)))
def test_an_inferred_date_is_the_last_such_day(day: dt.date, read_on: dt.date) -> None:
    published, inferred = read_date(f"{day:%b} {day.day}", read_on)
    found = dt.date.fromisoformat(published)
    assert inferred
    assert (found.month, found.day) == (day.month, day.day)
    assert found <= read_on
    assert (read_on - found).days < (366 if (day.month, day.day) != (2, 29) else 8 * 366)


@given(st.text(max_size=100))
def test_no_line_whatsoever_breaks_the_reading(text: str) -> None:
    read_figure(text)
    head = read_head(text)
    assert head is None or head.field in text


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*FIRST.split("\n"), *HEADER.split("\n"), "ICCV 2021", "et al.", "{", "\x00", "é,"]),
        max_size=25,
    )
)
def test_no_order_of_lines_breaks_the_reading(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("pages") / "page.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        items = list(read_file(path, as_of=None, today=TODAY))
    except UnreadableFileError:
        return
    assert any(isinstance(item, PaperRead | RowRefused) for item in items)
