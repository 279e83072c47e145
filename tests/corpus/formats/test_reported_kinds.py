"""More cases of the kinds that people report of reference managers: names, dates, encodings, identity."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.corpus.decision import groups
from bot.corpus.files import read_file
from bot.corpus.formats.dates import read_date
from bot.corpus.formats.opening import PaperRead, Remark
from bot.corpus.identity import RecordKeys
from bot.corpus.paper import PaperRecord


def read(folder: Path, name: str, text: str, encoding: str = "utf-8") -> list[PaperRecord]:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    items = read_file(path, as_of=None, today=dt.date(2026, 4, 1))
    return [item.record for item in items if isinstance(item, PaperRead)]


def authors(record: PaperRecord) -> list[str]:
    return [one.name for one in record.authors]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"{\AA}kesson, Bj{\o}rn and {\v{S}}im{\r{u}}nek, Ji{\v r}{\'\i}", ["Bjørn Åkesson", "Jiří Šimůnek"]),
        (
            "van 't Hoff, J. H. and de la Cruz, Ana Mar{\\'i}a and O'Neil, Pat",
            ["J. H. van 't Hoff", "Ana María de la Cruz", "Pat O'Neil"],
        ),
        ("King, Jr., Martin Luther and Smith III, Bob", ["Martin Luther King Jr.", "Bob Smith III"]),
        ("{World Health Organization} and Doe, Jane", ["World Health Organization", "Jane Doe"]),
        ("Doe, J. and Roe, R. and others", ["J. Doe", "R. Roe"]),
        ("Doe, Jane\n  AND\n Roe, Richard", ["Jane Doe", "Richard Roe"]),
        ("{Barnes and Noble Research Group}", ["Barnes and Noble Research Group"]),
        ("Jean-Baptiste Le Rond d'Alembert", ["Jean-Baptiste Le Rond d'Alembert"]),
        ("Doe, Jane$^{1,2}$ and Roe, Richard$^*$", ["Jane Doe", "Richard Roe"]),
        ("Doe, Jane (University of Kelp) and Roe, Richard, PhD", ["Jane Doe", "Richard Roe"]),
        (
            "family=Berg, given=Lena, prefix=von der, useprefix=true and Doe, Jane",
            ["Lena von der Berg", "Jane Doe"],
        ),
        ("Doe, Jane; Roe, Richard; Poe, Ann", ["Jane Doe", "Richard Roe", "Ann Poe"]),
        ("王, 小明 and Иванов, Иван Иванович", ["王小明", "Иван Иванович Иванов"]),
        ("Doe, Jane et al.", ["Jane Doe"]),
        ("Doe, J.; Roe, R.; and Poe, A.", ["J. Doe", "R. Roe", "A. Poe"]),
        ("J. Doe, R. Roe, and A. Poe", ["J. Doe", "R. Roe", "A. Poe"]),
        ("Doe J and van Roe RK", ["J. Doe", "R. K. van Roe"]),
        ("Doe, J.\\and Roe, R.", ["J. Doe", "R. Roe"]),
        (r"Doe, Jane\thanks{Supported by X} and Roe\textsuperscript{a,*}, Bo", ["Jane Doe", "Bo Roe"]),
        (r"Jane Doe\inst{1} and Bo Roe\inst{2}\orcidlink{0000-0002-1825-0097}", ["Jane Doe", "Bo Roe"]),
        (r"M\textsuperscript{c}Kay, Ann", ["Ann McKay"]),
        ("Doe, J. and Roe, R. for the FROST Collaboration", ["J. Doe", "R. Roe", "FROST Collaboration"]),
        ("Doe, J. and {with contributions from} and Roe, R.", ["J. Doe", "R. Roe"]),
        ("Steele Jr., Guy L. and Brinch Hansen, Per J.", ["Guy L. Steele Jr.", "Per J. Brinch Hansen"]),
    ],
)
def test_authors_of_bibtex(tmp_path: Path, written: str, expected: list[str]):
    (paper,) = read(tmp_path, "a.bib", f"@article{{a, title={{T}}, author={{{written}}}}}")
    assert authors(paper) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "AU  - Doe, J.A., Jr.\nAU  - Müller-Lüdenscheidt H.\nAU  - van der Berg, P\n",
            ["J.A. Doe Jr.", "H. Müller-Lüdenscheidt", "P. van der Berg"],
        ),
        ("A1  - Doe,Jane\nA1  - Roe,Richard\n", ["Jane Doe", "Richard Roe"]),
        ("A2  - Editor, Eve\n", ["Eve Editor"]),
        ("AU  - Doe J A ; Roe R ; Poe B\n", ["J. A. Doe", "R. Roe", "B. Poe"]),
        ("AU  - Doe, J., Roe, R., Poe, A.\n", ["J. Doe", "R. Roe", "A. Poe"]),
        ("AU  - Doe J, Roe RK\n", ["J. Doe", "R. K. Roe"]),
        ("AU  - Jane Doe and Bo Roe\n", ["Jane Doe", "Bo Roe"]),
        ("AU  - DOE, JANE\nAU  - ROE, BOB\n", ["JANE DOE", "BOB ROE"]),
        ("AU  - The FROST Collaboration\nAU  - Doe, Jane\n", ["The FROST Collaboration", "Jane Doe"]),
    ],
)
def test_authors_of_ris(tmp_path: Path, lines: str, expected: list[str]):
    (paper,) = read(tmp_path, "a.ris", f"TY  - JOUR\nTI  - T\n{lines}ER  - \n")
    assert authors(paper) == expected


def test_authors_of_pubmed_without_commas(tmp_path: Path):
    (paper,) = read(
        tmp_path, "a.nbib", "PMID- 1\nTI  - T\nAU  - Doe JA\nAU  - van Berg P Jr\nAU  - Roe K 3rd\n"
    )
    assert authors(paper) == ["J. A. Doe", "P. van Berg Jr", "K. Roe 3rd"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.bib", r"@article{a, title={T}, date={2020-06/2020-07}}", "2020-06"),
        ("a.bib", r"@article{a, title={T}, year={2020}, month={June}}", "2020-06"),
        ("a.bib", r"@article{a, title={T}, year={c. 1890}}", "1890"),
        ("a.bib", r"@article{a, title={T}, date={2019-21}}", "2019"),
        (
            "a.bib",
            r"@article{a, title={T}, year={2020}, month={{\textquotedblleft}dec{\textquotedblright}}}",
            "2020-12",
        ),
        ("a.bib", r"@article{a, title={T}, year={in press}}", None),
        ("a.bib", r"@article{a, title={T}, date={2021-05-17T10:00:00Z}}", "2021-05-17"),
        ("a.bib", r"@article{a, title={T}, year={1998--1999}}", "1998"),
        ("a.bib", r"@article{a, title={T}, year={2020}, month={5}, day={7}}", "2020-05-07"),
        ("a.bib", r"@article{a, title={T}, year={1905}, month={#sep#}}", "1905-09"),
        ("a.ris", "TY  - JOUR\nTI  - T\nPY  - 2019///Winter\nER  - ", "2019"),
        ("a.ris", "TY  - JOUR\nTI  - T\nDA  - 17. März 2011\nPY  - 2011\nER  - ", "2011-03-17"),
        ("a.ris", "TY  - JOUR\nTI  - T\nY1  - 2008/03//\nER  - ", "2008-03"),
        ("a.ris", "TY  - JOUR\nTI  - T\nPY  - 2001\nDA  - 2001/13/45\nER  - ", "2001"),
        ("a.ris", "TY  - JOUR\nTI  - T\nDA  - 2012 Nov-Dec\nER  - ", "2012-11"),
        ("a.ris", "TY  - JOUR\nTI  - T\nPY  - Start date: 20170812\nER  - ", "2017-08-12"),
        ("a.bib", "@article{a, title={T}, date={2020年5月3日}}", "2020-05-03"),
        ("a.bib", r"@article{a, title={T}, year={2004\unskip}, month={\unskip mar}}", "2004-03"),
        ("a.bib", "@inproceedings{a, title={T}, eventdate={2012-05-03/2012-05-06}}", "2012-05-03"),
        ("a.ciw", "PT J\nTI T\nPY 2006\nPD 04 2006\nER\n", "2006-04"),
        ("a.ciw", "PT J\nTI T\nPY 2006\nPD 2006 May-Jun\nER\n", "2006-05"),
        ("a.ciw", "PT P\nTI T\nPN US1\nPD JAN 5 2016\nER\n", "2016-01-05"),
        ("a.bib", "@article{a, title={T}, year={2020年}, month={5月}}", "2020-05"),
        ("a.bib", "@article{a, title={T}, date={2020년 5월}}", "2020-05"),
    ],
)
def test_dates(tmp_path: Path, name: str, text: str, expected: str | None):
    (paper,) = read(tmp_path, name, text)
    assert paper.published == expected


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("12 Marraskuu 2020", "2020-11-12"),
        ("3. května 2019", "2019-05-03"),
        ("12 Mayıs 2020", "2020-05-12"),
        ("15 października 2018", "2018-10-15"),
        ("5 травня 2021", "2021-05-05"),
        ("15 Απριλίου 2020", "2020-04-15"),
        ("2019. augusztus 5.", "2019-08-05"),
        ("12 مايو 2020", "2020-05-12"),
        ("Desember 2020", "2020-12"),
        ("令和2年5月3日", "2020-05-03"),
        ("民國109年", "2020"),
        ("202005", "2020-05"),
        ("5. 5. 2020", "2020-05-05"),
        ("2020-05-12Z", "2020-05-12"),
        ("1589241600", "2020-05-12"),
        ("Received 3 May 2019; accepted 5 June 2020", "2019-05-03"),
        ("the 1850s", None),
        ("12-May-20", None),
    ],
)
def test_dates_of_many_languages(written: str, date: str | None):
    assert read_date(written) == date


@pytest.mark.parametrize(
    ("name", "text", "encoding", "title"),
    [
        ("a.bib", "@article{a, title={Größe}}", "cp1252", "Größe"),
        (
            "a.bib",
            "@article{a, title={Gülşen'in halatları üzerine}}",
            "cp1254",
            "Gülşen'in halatları üzerine",
        ),
        ("a.bib", "@article{a, title={Það er þar, Ýmir, á sæ}}", "cp1252", "Það er þar, Ýmir, á sæ"),
        ("a.bib", "@article{a, title={GrÃ¶ÃŸe â€“ Å\u0081Ã³dÅº}}", "utf-8", "Größe – Łódź"),
        ("a.bib", "@article{a, title={SÃO PAULO Ã}}", "utf-8", "SÃO PAULO Ã"),
        ("a.ris", "\ufeffTY  - JOUR\r\nTI  - Tides é\r\nER  - \r\n", "utf-16", "Tides é"),
        ("a.bib", "% Encoding: windows-1250\n@article{a, title={Žluťoučký kůň}}", "cp1250", "Žluťoučký kůň"),
        ("a.enw", "%0 Journal Article\r%T Mac ends\r%A Doe, Jane\r%D 1999\r", "utf-8", "Mac ends"),
        ("a.ris", "ty  - jour\nti  - Lower case\ner  - \n", "utf-8", "Lower case"),
        ("a.ris", "TY  - JOUR\nTI  - A title\n  that goes on\nER  - \n", "utf-8", "A title that goes on"),
        ("a.bib", '@ARTICLE (x, title = "A {Quoted "inner"} thing")', "utf-8", 'A Quoted "inner" thing'),
        ("a.bib", r"@article{a, title={{\"U}ber \textsc{Kelp} --- heute}}", "utf-8", "Über Kelp — heute"),
        (
            "a.bib",
            r"@article{a, title={T\footnote{By X} of \MakeUppercase{rope}\newline B\thanks{Y}}}",
            "utf-8",
            "T of rope B",
        ),
        (
            "a.bib",
            r"@article{a, title={\ce{H2SO4} at \SI{5}{\nano\metre}, \S 3}}",
            "utf-8",
            "H2SO4 at 5 nanometre, §3",
        ),
        ("a.bib", r"@article{a, title={\glqq Taue\grqq{} \char`\"x\char`\"}}", "utf-8", '„Taue“ "x"'),
        ("a.bib", "@article{a, key words={x, y}, title={A blank in a name}}", "utf-8", "A blank in a name"),
        ("a.bib", "@article{a, % a comment\n % author={Wrong}\n title={Behind it}}", "utf-8", "Behind it"),
        ("a.bib", "@article{a, title={}, shorttitle={The short one}}", "utf-8", "The short one"),
        ("a.nbib", "PMID- 1\nTI  - Ropes in vivo.\n", "utf-8", "Ropes in vivo"),
        ("a.nbib", "PMID- 1\nTI  - [Ropes of the north].\nTT  - Taue.\n", "utf-8", "Ropes of the north"),
        ("a.nbib", "PMID- 1\nTI  - The knot in its original.\n", "utf-8", "The knot in its original"),
        ("a.ris", "TY  – JOUR\nTI  – With dashes\nER  – \n", "utf-8", "With dashes"),
        ("a.nbib", "PMID- 1\nTI  - Do ropes break?\n", "utf-8", "Do ropes break?"),
        ("a.nbib", "PMID- 1\nTI  - Ropes of the U.S.A.\n", "utf-8", "Ropes of the U.S.A."),
        (
            "a.ciw",
            "PT J\nTI LiNbO/sub 3/ and Sn/sub 2 /P/sub 2/S/sub 6/\nER\n",
            "utf-8",
            "LiNbO3 and Sn2P2S6",
        ),
        ("a.bib", "@comment{jabref-meta: x;}\n@article{a, title={Behind it}}", "utf-8", "Behind it"),
    ],
)
def test_titles(tmp_path: Path, name: str, text: str, encoding: str, title: str):
    (paper,) = read(tmp_path, name, text, encoding)
    assert paper.title == title


def test_a_file_put_together_of_two_encodings_is_read(tmp_path: Path):
    one, other = "@article{a, title={Größe}}\n", "@article{b, title={Länge}}\n"
    path = tmp_path / "a.bib"
    path.write_bytes(one.encode() + other.encode("cp1252"))
    items = list(read_file(path, as_of=None, today=dt.date(2026, 4, 1)))
    assert [item.record.title for item in items if isinstance(item, PaperRead)] == ["Größe", "Länge"]
    assert any(isinstance(item, Remark) and "line 2" in item.text for item in items)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.bib", "eprint={9901002}, archiveprefix={hep-th}", {"arxiv_id": "hep-th/9901002"}),
        (
            "a.bib",
            "eprint={9901003}, archiveprefix={arXiv}, primaryclass={math.AG}",
            {"arxiv_id": "math/9901003"},
        ),
        ("a.bib", "ee={https://doi.org/10.9999/w}", {"doi": "10.9999/w", "url": "https://doi.org/10.9999/w"}),
        ("a.bib", "bdsk-url-1={https://arxiv.org/abs/2101.00001}", {"arxiv_id": "2101.00001"}),
        ("a.bib", "url={<http://a.example/x>}", {"url": "http://a.example/x"}),
        ("a.bib", "url={http://a.example/1; http://b.example/2}", {"url": "http://a.example/1"}),
        ("a.bib", r"url={http://a.example/{\textasciitilde}x\~{}y}", {"url": "http://a.example/~x~y"}),
        (
            "a.bib",
            r"howpublished={\href{https://a.example/x}{Link}}",
            {"url": "https://a.example/x", "venue": None},
        ),
        ("a.bib", "eid={012345}", {"pages": "012345"}),
        ("a.bib", "fjournal={Journal of Ropes}, journal={J. Rop.}", {"venue": "Journal of Ropes"}),
        ("a.ris", "C7  - e104567", {"pages": "e104567"}),
        ("a.ris", "DO  - 10.9999/s11<br>", {"doi": "10.9999/s11"}),
        ("a.ris", "BT  - T", {"venue": None}),
    ],
)
def test_what_fields_hold(tmp_path: Path, name: str, text: str, found: dict[str, str | None]):
    whole = (
        f"@misc{{a, title={{T}}, {text}}}" if name == "a.bib" else f"TY  - JOUR\nTI  - T\n{text}\nER  - \n"
    )
    (paper,) = read(tmp_path, name, whole)
    assert {key: getattr(paper, key) for key in found} == found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ris", "TY  - JOUR\nTI  - T\nUR  - http://www.ncbi.nlm.nih.gov/pubmed/23456789\nER  - \n"),
        ("a.ris", "TY  - JOUR\nTI  - T\nAN  - 23456789\nDB  - PubMed\nER  - \n"),
        ("a.ris", "TY  - JOUR\nTI  - T\nN1  - Erratum in PMID: 5\nN1  - PMID: 23456789\nER  - \n"),
        (
            "a.xml",
            "<xml><records><record><titles><title>T</title></titles><accession-num>23456789</accession-num>"
            "<remote-database-name>PubMed</remote-database-name></record></records></xml>",
        ),
    ],
)
def test_the_id_of_pubmed_is_found(tmp_path: Path, name: str, text: str):
    (paper,) = read(tmp_path, name, text)
    assert [(one.scheme, one.value) for one in paper.other_ids] == [("pmid", "23456789")]


def test_references_of_endnote_without_their_first_line_are_kept_apart(tmp_path: Path):
    text = (
        "%0 Book\n%T One\n%E Moor, Piet\n\n%A Hale, Ida\n%T Two\n\n%T Three\n%X Some\n\n%U http://a.example\n"
    )
    papers = read(tmp_path, "a.enw", text)
    assert [(one.title, authors(one)) for one in papers] == [
        ("One", ["Piet Moor"]),
        ("Two", ["Ida Hale"]),
        ("Three", []),
    ]


def test_two_tags_of_ris_with_two_titles_lose_none(tmp_path: Path):
    (paper,) = read(tmp_path, "a.ris", "TY  - JOUR\nT1  - Second\nTI  - First\nER  - \n")
    assert (paper.title, [one.title for one in paper.other_titles]) == ("First", ["Second"])


def test_several_names_in_one_author_of_endnote(tmp_path: Path):
    people = "<author>Hale, Ida\nLund, Bo</author><author>Moor, P.; Tamm, E.</author>"
    text = "<xml><records><record><titles><title>T</title></titles>"
    text += f"<contributors><authors>{people}</authors></contributors></record></records></xml>"
    (paper,) = read(tmp_path, "a.xml", text)
    assert authors(paper) == ["Ida Hale", "Bo Lund", "P. Moor", "E. Tamm"]


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("TY  - CHAP\nTI  - C\nT2  - The Book\nT3  - The Series\nER  - \n", "The Book"),
        ("TY  - RPRT\nTI  - C\nT3  - Working Papers\nER  - \n", "Working Papers"),
    ],
)
def test_a_series_is_the_venue_where_nothing_better_is(tmp_path: Path, text: str, venue: str):
    (paper,) = read(tmp_path, "a.ris", text)
    assert paper.venue == venue


PEOPLE = "author={Hale, Ida and Lund, Bo and Moor, Piet}"


@pytest.mark.parametrize(
    ("one", "other", "papers"),
    [
        pytest.param(
            "title={Kelp nets at sea}, doi={10.9/1000.1}, " + PEOPLE,
            "title={Ropes of the north}, author={Zed, Ann}, doi={10.9/1000.1}",
            2,
            id="doi agrees, titles not",
        ),
        (
            "title={Kelp nets at sea}, doi={10.9999/1}, " + PEOPLE,
            "title={Ropes of the north}, author={Zed, Ann}, doi={10.9999/1}",
            2,
        ),
        pytest.param(
            "title={The Book of Kelp}, author={Editor, Eve}, doi={10.9999/b}",
            "title={Nets}, booktitle={The Book of Kelp}, author={Hale, Ida}, doi={10.9999/b}",
            2,
            id="chapter/book",
        ),
        pytest.param(
            "title={Kelp nets at sea}, doi={10.9999/1}, " + PEOPLE,
            "title={Erratum: Kelp nets at sea}, doi={10.9999/1}, " + PEOPLE,
            2,
            id="erratum",
        ),
        pytest.param(
            "title={Kelp nets at sea}, " + PEOPLE,
            "title={Corrigendum to ``Kelp nets at sea''}, " + PEOPLE,
            2,
            id="corrigendum to",
        ),
        pytest.param(
            "title={Kelp nets at sea}, " + PEOPLE,
            "title={Kelp nets at sea}, author={Hale, I. and Lund, B. and Moor, P.}",
            1,
            id="initials",
        ),
        pytest.param(
            "title={Netze aus Tang}, doi={10.9999/t}, journal={Meer}, " + PEOPLE,
            "title={Nets of kelp}, doi={10.9999/t}, journal={Meer}, " + PEOPLE,
            1,
            id="translation",
        ),
        pytest.param(
            "title={Editorial}, author={Hale, Ida}, journal={Tides}, volume={1}, year={2001}",
            "title={Editorial}, author={Hale, Ida}, journal={Tides}, volume={9}, year={2009}",
            2,
            id="generic",
        ),
        pytest.param(
            "title={KELPNET: Nets for everyone}, " + PEOPLE, "title={KELPNET}, " + PEOPLE, 1, id="subtitle"
        ),
        pytest.param("title={Knots, Part I}, " + PEOPLE, "title={Knots, Part II}, " + PEOPLE, 2, id="part"),
        pytest.param(
            'title={Kelp in {\\"O}resund at 5\\,$\\alpha$}, ' + PEOPLE,
            "title={Kelp in Öresund at 5 α}, " + PEOPLE,
            1,
            id="latex",
        ),
        pytest.param(
            "title={Kelp nets at sea}, year={1993}, eprint={2101.00001}, " + PEOPLE,
            "title={Kelp nets at sea}, year={2021}, doi={10.9999/k}, " + PEOPLE,
            1,
            id="preprint year",
        ),
        pytest.param(
            "title={Deep learning}, author={Hale, Ida}",
            "title={Deep learning}, author={Lund, Bo}",
            2,
            id="same title other people",
        ),
        pytest.param(
            "title={Kelp nets at sea}, doi={10.9999/1}, " + PEOPLE,
            "title={Kelp nets at sea: Reply}, doi={10.9999/1}, " + PEOPLE,
            2,
            id="reply",
        ),
        pytest.param(
            "title={Kelp nets at sea}, " + PEOPLE,
            "title={Comment on ``Kelp nets at sea''}, author={Zed, Ann}",
            2,
            id="comment on",
        ),
        pytest.param(
            "title={Kelp nets at sea}, doi={10.9999/AB}, " + PEOPLE,
            "title={Kelp nets at Sea.}, doi={https://doi.org/10.9999/ab}, " + PEOPLE,
            1,
            id="one doi two spellings",
        ),
        pytest.param(
            "title={Kelp nets at sea}, author={Lund, Bo and Hale, Ida and Moor, Piet}",
            "title={Kelp nets at sea}, " + PEOPLE,
            1,
            id="first author differs",
        ),
        pytest.param(
            "title={RETRACTED: Kelp nets at sea}, doi={10.9999/1}, " + PEOPLE,
            "title={Kelp nets at sea}, doi={10.9999/1}, " + PEOPLE,
            1,
            id="retracted",
        ),
        pytest.param(
            "title={Short notices}, author={Hale, Ida}, year={2001}, journal={Tides}, pages={1--2}",
            "title={Short Notices}, author={Hale, Ida}, year={2001}, journal={Tides}, pages={9--10}",
            2,
            id="short notices",
        ),
        pytest.param(
            "title={Kelp nets at sea}, booktitle={Proc. Kelp}, pages={1-8}, year={2001}, " + PEOPLE,
            "title={Kelp nets at sea}, journal={Tides}, pages={100-120}, year={2002}, " + PEOPLE,
            1,
            id="conference + journal",
        ),
        pytest.param(
            "title={Kelp \\& nets}, " + PEOPLE, "title={Kelp and Nets}, " + PEOPLE, 1, id="ampersand"
        ),
        pytest.param(
            "title={Annual report}, author={{Kelp Office}}, year={2019}",
            "title={Annual Report}, author={{Kelp Office}}, year={2020}",
            2,
            id="reports of two years",
        ),
        pytest.param(
            'title={Kelp nets at sea}, author={M{\\"u}ller, Hans and Lund, Bo}',
            "title={Kelp nets at sea}, author={Mueller, H. and Lund, B.}",
            1,
            id="umlaut",
        ),
        pytest.param(
            "title={Kelp nets at sea}, author={{FROST Collaboration}}",
            "title={Kelp nets at sea}, author={Hale, Ida and others}, collaboration={FROST}",
            1,
            id="group and its people",
        ),
        pytest.param(
            "title={海带网}, author={王, 小明}", "title={海带网}, author={王小明}", 1, id="chinese name"
        ),
        pytest.param(
            "title={海带网}, author={小明 王}", "title={海带网}, author={王小明}", 1, id="chinese given first"
        ),
        pytest.param(
            "title={Kelp nets at sea}, author={Yang, Zhiyu and Lund, Bo}",
            "title={Kelp nets at sea}, author={Zhiyu, Yang and Bo Lund}",
            1,
            id="name order",
        ),
    ],
)
def test_which_entries_are_one_paper(tmp_path: Path, one: str, other: str, papers: int):
    entries = [read(tmp_path, "a.bib", f"@article{{a, {fields}}}")[0] for fields in (one, other)]
    keyed = [
        RecordKeys.of(record.model_copy(update={"source_key": f"{place}-{record.source_key}"}))
        for place, record in enumerate(entries)
    ]
    assert len(groups(keyed, [])) == papers
    assert len(groups(keyed[::-1], [])) == papers
