"""BibTeX and RIS files, through the reader that every import goes through."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.corpus.files import read_file
from bot.corpus.formats.opening import Item, PaperRead, Remark, RowRefused
from bot.corpus.paper import PaperRecord
from bot.errors import UnreadableFileError

TODAY = dt.date(2026, 4, 1)
BIBTEX = r"""% exported
@string{neurips = "Advances in Neural Information Processing Systems"}
@article{m99,
  title = {On {G}ibbs \'etats of $O(\log n)$}, author = {M{\'e}zard, Marc and van der Maaten, Laurens
  and {DeepMind Team} and others}, journal = {Phys. Rev.}, year = 1999, month = mar,
  doi = {10.1103/PhysRev.1}}
@inproceedings{lee, title = "Foo", author = "Ann Lee", booktitle = neurips, year = {2020},
  eprint = {2001.01234v2}, archivePrefix = {arXiv}, primaryClass = {cs.LG}}
@misc{bar, title = {Bar}, author = {Bo Berg}, journal = {arXiv preprint arXiv:2001.01235}, year = {2020}}
@misc{bar, title = {Bar, again}, author = {Bo Berg}}
"""
RIS = """TY  - JOUR
AU  - Mézard, Marc
AU  - Lee, Ann, Jr.
TI  - A title
JO  - Physics
PY  - 1999/03/02/
DO  - https://doi.org/10.1103/PhysRev.1
UR  - https://example.org/x
ER  -

TY  - CONF
A1  - Berg, Bo
T1  - Another
T2  - A meeting
Y1  - 2020
ER  -
"""


def read(folder: Path, name: str, content: str) -> list[Item]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return list(read_file(path, as_of=None, today=TODAY))


def records(items: list[Item]) -> list[PaperRecord]:
    return [item.record for item in items if isinstance(item, PaperRead)]


KEPT_IN_PART = {
    "x.bib": "@article{a, title={T}, date={2023-02-29}, doi={soon}, url={ftp://x.example}, pages={in press}}",
    "x.ris": "TY  - JOUR\nTI  - T\nPY  - 2023/02/29/\nDO  - soon\nUR  - ftp://x\nSP  - in press\nER  - ",
    "x.enw": "%0 Journal Article\n%T T\n%D 2023\n%8 February 29\n%U ftp://x.example\n%P in press\n",
    "x.ciw": "FN Clarivate Analytics\nPT J\nTI T\nPD FEB 29\nPY 2023\nDI soon\nBP in press\nER\n",
    "x.nbib": "PMID- x\nTI  - T\nDP  - 2023 Feb 29\nPG  - in press\n",
    "x.json": (
        '[{"type":"book","title":"T","issued":{"date-parts":[[2023,2,29]]},"DOI":"soon","page":"in press"}]'
    ),
    "x.xml": (
        "<xml><records><record><titles><title>T</title></titles><pages>in press</pages>"
        "<dates><year>2023</year><pub-dates><date>February 29</date></pub-dates></dates>"
        "</record></records></xml>"
    ),
}


@pytest.mark.parametrize("name", KEPT_IN_PART)
def test_what_known_fields_hold_and_cannot_be_kept_is_counted_in_every_form(tmp_path: Path, name: str):
    items = read(tmp_path, name, KEPT_IN_PART[name])
    assert [record.published for record in records(items)] == ["2023-02"]
    said = "; ".join(item.text for item in items if isinstance(item, Remark))
    assert "1 date of which only a part was understood" in said
    assert "1 page range not understood" in said
    assert ("1 DOI not understood" in said) == ("soon" in KEPT_IN_PART[name])
    assert ("1 address that cannot be a link" in said) == ("ftp:" in KEPT_IN_PART[name])


def test_bibtex_entries_become_papers(tmp_path: Path):
    items = read(tmp_path, "refs.bib", BIBTEX)
    first, second, third, fourth = records(items)
    assert first.title == r"On Gibbs états of $O(\log n)$"
    assert [one.name for one in first.authors] == ["Marc Mézard", "Laurens van der Maaten", "DeepMind Team"]
    assert first.authors_truncated
    assert (first.published, first.venue, first.doi) == ("1999-03", "Phys. Rev.", "10.1103/physrev.1")
    assert (second.arxiv_id, second.field) == ("2001.01234", "LG")
    assert second.venue == "Advances in Neural Information Processing Systems"
    assert (third.arxiv_id, third.venue) == ("2001.01235", None)
    assert fourth.title == "Bar, again"
    assert [item.line for item in items if isinstance(item, PaperRead)] == [3, 7, 9, 10]


def test_a_damaged_bibtex_entry_is_refused_with_its_line_and_the_others_are_read(tmp_path: Path):
    items = read(
        tmp_path, "refs.bib", "@article{a, title = {x\n@misc{b, title = {Zed}}\n@misc{c, year = 2020}\n"
    )
    assert [one.title for one in records(items)] == ["Zed"]
    refused = {item.line: item.reason for item in items if isinstance(item, RowRefused)}
    assert refused.keys() == {1, 3}
    assert "not closed" in refused[1]
    assert "no title" in refused[3]


def test_ris_references_become_papers(tmp_path: Path):
    items = read(tmp_path, "refs.ris", RIS)
    first, second = records(items)
    assert [one.name for one in first.authors] == ["Marc Mézard", "Ann Lee Jr."]
    assert (first.published, first.venue, first.doi) == ("1999-03-02", "Physics", "10.1103/physrev.1")
    assert first.url == "https://example.org/x"
    assert (second.title, second.venue, second.published) == ("Another", "A meeting", "2020")
    assert [item.line for item in items if isinstance(item, PaperRead)] == [1, 11]


def test_a_ris_reference_that_broke_off_is_refused_with_its_line(tmp_path: Path):
    items = read(tmp_path, "refs.ris", RIS + "TY  - JOUR\nTI  - No end\n")
    assert len(records(items)) == 2
    (refused,) = [item for item in items if isinstance(item, RowRefused)]
    assert refused.line == 17
    assert "broke off" in refused.reason


@pytest.mark.parametrize("name", ["refs.bib", "refs.ris"])
@pytest.mark.parametrize("content", ["hello", "\x00", "{}"])
def test_what_is_no_such_file_is_refused_as_a_whole(tmp_path: Path, name: str, content: str):
    with pytest.raises(UnreadableFileError, match="refs"):
        read(tmp_path, name, content)


def test_one_paper_in_two_files_has_one_key_whatever_the_files_call_it(tmp_path: Path):
    (first,) = records(read(tmp_path, "a.bib", "@misc{x, title={T}, author={A B}, doi={10.1000/1}}"))
    (second,) = records(read(tmp_path, "b.bib", "@misc{y, title={{T}}, author={B, A}, doi={10.1000/1}}"))
    assert first == second


def test_a_month_beside_the_year_pages_with_a_plus_and_places_within_endnote(tmp_path: Path):
    ris = "TY  - JOUR\nTI  - T\nDA  - Sep\nPY  - 2019\nUR  - <Go to ISI>://WOS:000123\nER  - \n"
    items = read(tmp_path, "x.ris", ris)
    assert [record.published for record in records(items)] == ["2019-09"]
    assert not [item for item in items if isinstance(item, Remark)]
    wos = "PT J\nTI T\nBP 1\nEP +\nPM 30123456\nER\n"
    (record,) = records(read(tmp_path, "x.ciw", wos))
    assert record.pages == "1+"
    assert [(one.scheme, one.value) for one in record.other_ids] == [("pmid", "30123456")]


def test_classes_addresses_and_numbers_of_bibtex_are_taken_apart(tmp_path: Path):
    bibtex = (
        "@article{a, title={T}, eprint={2305.00123}, eprinttype={arxiv}, eprintclass={cs.LG, stat.ML},"
        " url={https://x.example/a https://y.example/b}, pages={arXiv:2305.00123}, pmid={29384756}}"
    )
    (record,) = records(read(tmp_path, "x.bib", bibtex))
    assert (record.categories, record.field) == (("cs.LG", "stat.ML"), "LG")
    assert (record.url, record.pages) == ("https://x.example/a", None)
    assert [(one.scheme, one.value) for one in record.other_ids] == [("pmid", "29384756")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bib", "@article{{a, title={{T}}, note={{{}}}}}"),
        ("x.ris", "TY  - JOUR\nTI  - T\nN1  - {}\nER  - "),
        ("x.enw", "%0 Journal Article\n%T T\n%Z {}\n"),
        ("x.json", '[{{"type":"book","title":"T","note":"{}"}}]'),
        (
            "x.xml",
            "<xml><records><record><titles><title>T</title></titles><notes>{}</notes></record></records></xml>",
        ),
    ],
)
def test_a_doi_in_a_note_is_the_papers_own_unless_it_is_of_a_notice(tmp_path: Path, name: str, content: str):
    notes = {
        "DOI: 10.9999/own": "10.9999/own",
        "doi:10.9999/own Retracted, see doi:10.9999/notice": "10.9999/own",
        "This article has been retracted: see doi:10.9999/notice": None,
        "Erratum in: J. Ropes 3 (2002), 10.9999/notice": None,
    }
    for note, doi in notes.items():
        assert [record.doi for record in records(read(tmp_path, name, content.format(note)))] == [doi]


@pytest.mark.parametrize(
    ("name", "content", "names"),
    [
        ("x.json", '[{"type":"book","title":"T","author":[{"family":"王","given":"伟"}]}]', ["王伟"]),
        ("x.json", '[{"type":"book","title":"T","author":{"family":"Hale","given":"Ida"}}]', ["Ida Hale"]),
        (
            "x.json",
            '[{"itemType":"book","title":"T","creators":[{"creatorType":"author","firstName":"伟","lastName":"王"}]}]',
            ["王伟"],
        ),
        ("x.jsonl", '{"DOI":"10.9999/1","title":["T"],"author":[{"given":"伟","family":"王"}]}', ["王伟"]),
        (
            "x.jsonl",
            '{"id":"2101.00001","submitter":"H","title":"T","authors":"","update_date":"2021-01-02",'
            '"authors_parsed":[["Hale","I.","Jr.","Quay University"],["Moor","P.",""]]}',
            ["I. Hale Jr.", "P. Moor"],
        ),
        (
            "x.xml",
            "<xml><records><record><contributors><authors><author>Hale, I., Moor, P., &amp; Lund, B.</author>"
            "</authors></contributors><titles><title>T</title></titles></record></records></xml>",
            ["I. Hale", "P. Moor", "B. Lund"],
        ),
    ],
)
def test_people_whose_names_come_in_parts(tmp_path: Path, name: str, content: str, names: list[str]):
    (record,) = records(read(tmp_path, name, content))
    assert [one.name for one in record.authors] == names


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.bib", "@article{a, title={T}, author={Hale, Ida and Hale, Ida}}"),
        ("x.ris", "TY  - JOUR\nTI  - T\nAU  - Hale, Ida\nAU  - Hale, Ida\nER  - "),
    ],
)
def test_a_name_that_stands_twice_is_kept_once_and_counted(tmp_path: Path, name: str, content: str):
    items = read(tmp_path, name, content)
    assert [len(record.authors) for record in records(items)] == [1]
    said = "".join(item.text for item in items if isinstance(item, Remark))
    assert "1 list of authors has a name twice" in said


def test_an_entry_that_the_file_does_not_have_is_named(tmp_path: Path):
    text = "@inbook{a, title={A}, crossref={gone}}@inbook{b, title={B}, crossref={P}}@book{p}"
    said = [item.text for item in read(tmp_path, "x.bib", text) if isinstance(item, Remark)]
    assert "1 entry refers to another that is not in the file (line 1: gone)" in said


def test_csl_reads_numbers_that_should_be_texts(tmp_path: Path):
    items = read(tmp_path, "x.json", '[{"type":"book","title":"T","page":12,"DOI":12345}]')
    assert [record.pages for record in records(items)] == ["12"]
    assert "1 DOI not understood" in "".join(item.text for item in items if isinstance(item, Remark))


def test_csl_keeps_who_an_author_is_and_the_id_of_pubmed(tmp_path: Path):
    author = '{"family":"Hale","given":"Ida","ORCID":"http://orcid.org/0000-0002-1825-0097"}'
    content = f'[{{"type":"book","title":"T","author":[{author}],"PMID":"29384756"}}]'
    (record,) = records(read(tmp_path, "x.json", content))
    assert [one.value for one in record.authors[0].identifiers] == ["0000-0002-1825-0097"]
    assert [one.value for one in record.other_ids] == ["29384756"]


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("x.ris", "TY  - JOUR\nTI  - A\nAU  - Hale, IdaTY  - JOUR\nTI  - B\nER  - \n", 3),
        ("x.nbib", "PMID- 1\nTI  - A\nDP  - 2020PMID- 2\nTI  - B\n", 3),
        ("x.ciw", "PT J\nTI A\nER\n\nPT J\nTI Knots\nPY 2020PT J\nTI B\nER\n", 7),
        ("x.enw", "%0 Book\n%T A\n%D 2020%0 Book\n%T B\n", 3),
    ],
)
def test_a_reference_behind_a_lost_end_of_line_is_remarked_with_its_line(
    tmp_path: Path, name: str, content: str, line: int
):
    remarks = [item for item in read(tmp_path, name, content) if isinstance(item, Remark)]
    assert any(f"lines look like the start of one (see {line})" in one.text for one in remarks)
    assert any("reference has two titles; the first was kept" in one.text for one in remarks)


def test_a_value_that_looks_like_another_form_does_not_decide_the_form(tmp_path: Path):
    items = read(tmp_path, "x.ris", RIS.replace("TI  - A title", "TI  - A title\nPMID- 2"))
    assert [record.source for record in records(items)] == ["ris", "ris"]


PUBMED_PEOPLE = """PMID- 12
TI  - Knots that slip
FAU - Hale, Ida
AU  - Hale I
AUID- ORCID: http://orcid.org/0000000212345678
AD  - Pier Institute.
FAU - Lund, Bo
AU  - Lund B
AUID- ORCID: 0000-0001-5109-370X
FAU - Moor, Piet
AU  - Moor P
AUID- ISNI: 0000 0001 2345 6789
"""
WOS_PEOPLE = """FN Clarivate Analytics Web of Science
PT J
AU Hale, I
   Lund, B
AF Hale, Ida
   Lund, Bo
TI Knots that slip
RI Hale, I/A-1234-2010; Lund, Bo/
OI Hale, Ida/0000-0002-1234-5678; Lund, Bo/0000-0001-5109-370X;
   Nobody, Else/0000-0003-0000-0001
ER
EF
"""
WOS_BIBTEX = """@article{ WOS:1, Author = {Hale, Ida and Lund, Bo}, Title = {{Knots that slip}},
ORCID-Numbers = {{Hale, Ida/0000-0002-1234-5678\n   Lund, Bo/0000-0001-5109-370X}},
ResearcherID-Numbers = {{Hale, Ida/A-1234-2010}} }"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("x.nbib", PUBMED_PEOPLE, [["orcid:0000-0002-1234-5678"], ["orcid:0000-0001-5109-370X"], []]),
        (
            "x.ciw",
            WOS_PEOPLE,
            [["orcid:0000-0002-1234-5678", "researcherid:A-1234-2010"], ["orcid:0000-0001-5109-370X"]],
        ),
        (
            "x.bib",
            WOS_BIBTEX,
            [["orcid:0000-0002-1234-5678", "researcherid:A-1234-2010"], ["orcid:0000-0001-5109-370X"]],
        ),
    ],
)
def test_identifiers_of_people_that_are_listed_apart_are_theirs(tmp_path, name, text, expected):
    (paper,) = records(read(tmp_path, name, text))
    found = [[f"{one.scheme}:{one.value}" for one in person.identifiers] for person in paper.authors]
    assert found == expected
