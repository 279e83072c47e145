from __future__ import annotations

import struct

from bot.authors.charts import MAX_ALT, author_picture, compared_picture
from bot.authors.results import Author, CitationFigures, CorpusFigures


def author(name: str = "Pan Pan", **figures: object) -> Author:
    by_year = {"2019": {"CV": 1}, "2021": {"CV": 10, "LG": 5, "": 1}}
    values: dict[str, object] = {
        "papers": 17,
        "listed": 17,
        "attributed": 0,
        "with_code": 0,
        "fields": {"CV": 11, "LG": 5},
        "years": {"2019": 1, "2021": 16},
        "coauthors": (),
        "fields_by_year": by_year,
    }
    corpus = CorpusFigures(**(values | figures))  # type: ignore[arg-type]
    return Author(1, name, "CV", None, corpus, (), ())


def test_a_picture_is_a_png_below_100_kb_and_its_words_say_the_same():
    picture = author_picture(author())
    assert picture is not None
    assert picture.png.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture.png[16:24])
    assert width > height > 200
    assert len(picture.png) < 100_000
    assert "2019: 1 (CV 1); 2021: 16 (CV 10, LG 5, others 1)" in picture.alt


def test_citations_have_a_panel_of_their_own_where_known():
    cited = CitationFigures(papers=3, citations=40, h_index=3, g_index=3, i10=2)
    picture = author_picture(author(cited=cited, citations_by_year={"2021": 40}))
    assert picture is not None
    assert "Citations of 3 papers, by their year: 2021: 40." in picture.alt


def test_what_is_drawn_once_is_not_drawn_again():
    first = author_picture(author(fields_by_year={"2018": {"CV": 3}}))
    assert first is not None
    again = author_picture(author(fields_by_year={"2018": {"CV": 3}}))
    assert again is not None
    assert again.png is first.png


def test_nothing_is_drawn_without_dates():
    assert author_picture(author(fields_by_year={}, years={})) is None
    assert compared_picture([author(fields_by_year={}, years={})]) is None


def test_names_in_any_script_and_of_any_length_are_drawn_and_told():
    people = [author("潘攀"), author("عمر $x$ \\frac"), author("_" + "N" * 500)]
    picture = compared_picture(people)
    assert picture is not None
    assert "潘攀" in picture.alt
    assert len(picture.alt) <= MAX_ALT


def test_many_fields_and_a_century_fit():
    by_year = {str(year): {f"F{year % 9}": 30_000} for year in range(1926, 2027)}
    picture = author_picture(
        author(
            fields_by_year=by_year,
            fields={f"F{number}": 30_000 for number in range(9)},
            years=dict.fromkeys(by_year, 30_000),
        )
    )
    assert picture is not None
    assert len(picture.png) < 100_000
