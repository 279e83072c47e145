"""Whatever a source puts in the place of a value: a record, a refusal with a reason, never another error."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.corpus.files import Remark, read_file
from bot.corpus.formats.answers import Page
from bot.corpus.formats.arxiv import read_arxiv_atom, read_arxiv_rss
from bot.corpus.formats.biorxiv import read_biorxiv_page
from bot.corpus.formats.crossref import read_crossref_papers, read_crossref_work, read_crossref_works
from bot.corpus.formats.datacite import read_datacite
from bot.corpus.formats.openalex import read_openalex_citing, read_openalex_work, read_openalex_works
from bot.corpus.formats.opencitations import read_opencitations
from bot.corpus.formats.openreview import read_openreview_note
from bot.corpus.formats.semantic_scholar import (
    read_semantic_scholar_batch,
    read_semantic_scholar_citing,
    read_semantic_scholar_page,
)
from bot.corpus.formats.zotero import read_zotero_items
from bot.errors import PapercordError
from tests.conftest import ROOT, shared_path
from tests.corpus.formats.known_answers import BIORXIV, DATACITE, OPENCITATIONS, SCHOLAR_CITING

Step = str | int

VALUES = [
    *(None, True, False, 0, -1, 3, 2**31, 2**63, 10**30, 1.5, -0.0, 1e300, "", " ", "x", "7", "2024-02-31"),
    *("\x00", "x" * 200_000, "9" * 5_000, "W1", "https://openalex.org/W1", "http://[::1", "10.1/x", "²", "٣"),
    *([], [[]], [None], [1], ["x"], [{}], [[1, 2, 3]], [["x"]], {}, {"x": 1}, {"id": []}, {"name": {}}),
    *({"value": ["x"]}, {"date-parts": [[None]]}, {"date-parts": [[99999, 99, 99]]}, [[2**70]]),
]
"""What may stand in the place of any other value."""

WORK = {
    "id": "https://openalex.org/W1",
    "doi": "https://doi.org/10.1000/1",
    "title": "A title",
    "publication_date": "2024-03-12",
    "publication_year": 2024,
    "authorships": [{"raw_author_name": "Ann", "author": {"display_name": "Ann", "orcid": "x", "id": "A1"}}],
    "abstract_inverted_index": {"We": [0], "look": [1]},
    "primary_location": {"landing_page_url": "https://x.org", "source": {"type": "x", "display_name": "Y"}},
    "locations": [{"landing_page_url": "x", "pdf_url": "y", "source": {"type": "z", "display_name": "Y"}}],
    "cited_by_count": 3,
    "type": "article",
    "is_authors_truncated": False,
}
NOTE = {
    "notes": [
        {
            "id": "abc",
            "forum": "abc",
            "content": {
                "title": {"value": "A title"},
                "authors": {"value": ["Ann", "Bo"]},
                "authorids": {"value": ["~Ann1", "~Bo1"]},
                "abstract": {"value": "We look."},
                "venue": {"value": "ICLR"},
            },
        }
    ]
}
PRINTED = {
    "status": "ok",
    "message": {
        "DOI": "10.1000/1",
        "type": "journal-article",
        "title": ["A title"],
        "subtitle": ["A subtitle"],
        "author": [{"given": "Ann", "family": "Ab", "suffix": "Jr", "ORCID": "x", "name": "y"}],
        "published": {"date-parts": [[2024, 3, 12]]},
        "issued": {"date-parts": [[2024]]},
        "abstract": "<jats:p>We look.</jats:p>",
        "container-title": ["PeerJ"],
        "event": {"name": "CVPR"},
        "is-referenced-by-count": 3,
        "relation": {"has-preprint": [{"id": "10.48550/arXiv.2401.00001", "id-type": "doi"}]},
        "update-to": [{"type": "erratum", "DOI": "10.1000/2"}],
        "URL": "https://doi.org/10.1000/1",
    },
}
SCHOLAR = {
    "paperId": "abc",
    "externalIds": {"DOI": "10.1000/1", "ArXiv": "2401.00001"},
    "url": "https://x.org",
    "title": "A title",
    "abstract": "We look.",
    "venue": "CVPR",
    "year": 2024,
    "publicationDate": "2024-03-12",
    "citationCount": 3,
    "authors": [{"authorId": "1", "name": "Ann"}],
}


W_9 = "https://openalex.org/W9"


def _fixture(name: str) -> Any:
    return json.loads((ROOT / "tests" / "fixtures" / name).read_bytes())


@functools.cache
def _recorded(path: str) -> Any:
    one = yaml.safe_load((shared_path("recorded") / path).read_text(encoding="utf-8"))["interactions"][0]
    body = one["response"].get("content") or one["response"]["body"]["string"]
    body = body.encode() if isinstance(body, str) else body
    content = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    return _first_entries(content)


def _first_entries(content: Any) -> Any:
    """The beginning of a long answer, of which every entry has the same form."""
    if isinstance(content, dict):
        return {key: _first_entries(value) for key, value in content.items()}
    return [_first_entries(one) for one in content[:3]] if isinstance(content, list) else content


JSON_READERS: dict[str, tuple[Callable[[bytes], Any], Callable[[], Any]]] = {
    "openalex works": (read_openalex_works, lambda: _fixture("openalex_works.json")),
    "openalex papers": (
        lambda body: read_openalex_works(body, papers_only=True),
        lambda: {"meta": {"count": 1, "next_cursor": "x"}, "results": [WORK]},
    ),
    "openalex work": (read_openalex_work, lambda: WORK),
    "openreview": (read_openreview_note, lambda: NOTE),
    "crossref works": (read_crossref_works, lambda: _recorded("crossref/test_cursor.yaml")),
    "crossref papers": (
        read_crossref_papers,
        lambda: {"status": "ok", "message": {"items": [PRINTED["message"]]}},
    ),
    "crossref work": (read_crossref_work, lambda: PRINTED),
    "semantic scholar page": (
        read_semantic_scholar_page,
        lambda: _recorded("semanticscholar/test_get_author_papers.yaml"),
    ),
    "semantic scholar search": (
        read_semantic_scholar_page,
        lambda: _recorded("semanticscholar/test_search_paper.yaml"),
    ),
    "semantic scholar batch": (
        read_semantic_scholar_batch,
        lambda: _recorded("semanticscholar/test_get_papers_return_not_found.yaml"),
    ),
    "semantic scholar paper": (read_semantic_scholar_batch, lambda: [SCHOLAR]),
    "openalex citing": (read_openalex_citing, lambda: {"results": [WORK | {"referenced_works": [W_9]}]}),
    "semantic scholar citing": (read_semantic_scholar_citing, lambda: SCHOLAR_CITING),
    "opencitations": (read_opencitations, lambda: OPENCITATIONS),
    "datacite": (read_datacite, lambda: DATACITE),
    "biorxiv": (read_biorxiv_page, lambda: BIORXIV),
    "zotero": (read_zotero_items, lambda: _fixture("zotero_items.json")),
}


def _places(content: Any, path: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    found = [path]
    if isinstance(content, dict):
        for key, value in content.items():
            found += _places(value, (*path, key))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            found += _places(value, (*path, place))
    return found


def _replaced(content: Any, path: tuple[Step, ...], value: Any) -> Any:
    if not path:
        return value
    content = copy.copy(content)
    content[path[0]] = _replaced(content[path[0]], path[1:], value)
    return content


def _read(read: Callable[[bytes], Any], body: bytes) -> None:
    try:
        answer = read(body)
    except PapercordError as error:
        answer = str(error)
    assert answer not in (None, "")
    if isinstance(answer, Page):
        assert all(answer.refused)


@pytest.mark.parametrize("name", JSON_READERS)
def test_any_value_may_be_any_other(name: str):
    read, make = JSON_READERS[name]
    content = make()
    for path in _places(content):
        for value in VALUES:
            _read(read, json.dumps(_replaced(content, path, value)).encode())


_ANY = st.recursive(
    st.sampled_from([one for one in VALUES if not isinstance(one, (list, dict))]) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", JSON_READERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_several_values_may_be_others_at_once(name: str, data: st.DataObject):
    read, make = JSON_READERS[name]
    content = make()
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(_places(content)))
        content = _replaced(content, path, data.draw(_ANY))
    _read(read, json.dumps(content).encode())


XML_READERS: dict[str, tuple[Callable[[bytes], Any], Callable[[], Path]]] = {
    "atom": (
        read_arxiv_atom,
        lambda: (
            shared_path("recorded") / "arxiv_api" / "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.atom.xml"
        ),
    ),
    "rss": (read_arxiv_rss, lambda: ROOT / "tests" / "fixtures" / "arxiv_rss.xml"),
}
TEXTS = ["", " ", "x", "²", "٣", "9" * 5_000, "-1", "x" * 200_000, "2401.00001v²", "http://[::1", "10.1/x"]


@pytest.mark.parametrize("name", XML_READERS)
def test_any_text_and_any_element_of_xml_may_be_any_other(name: str):
    read, path = XML_READERS[name]
    body = path().read_bytes()
    for place in range(len(list(ET.fromstring(body).iter()))):
        for text in [*TEXTS, None]:
            root = ET.fromstring(body)
            element = list(root.iter())[place]
            if text is None:
                element.clear()
            else:
                element.text = text
                element.attrib = dict.fromkeys(element.attrib, text)
            _read(read, ET.tostring(root))


ROW = {
    "id": "1",
    "title": "A title",
    "authors": ["Ann", "Bo"],
    "author_ids": ["~Ann1", {"scheme": "orcid", "value": "0000-0002-1825-0097"}],
    "date": "2024-03-12",
    "categories": ["cs.CV"],
    "abstract": "We look.",
    "url": "https://x.org",
    "has_code": True,
    "code_url": "https://x.org/code",
    "venue": "CVPR",
    "citations": 3,
    "score": 1.5,
    "doi": "10.1000/1",
}


def test_any_value_of_a_row_may_be_any_other(tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    rows = [_replaced(ROW, place, value) for place in _places(ROW) for value in VALUES]
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in rows))

    items = list(read_file(path, as_of=None, today=dt.date(2026, 1, 1)))

    rows_read = {one.line for one in items if not isinstance(one, Remark)}
    assert rows_read == set(range(1, len(rows) + 1))


FILES = {
    "a.bib": "@article{k, title = {T}, author = {A, B and C}, year = {2024}, month = mar, doi = {10.1000/1},"
    " journal = {J}, url = {https://x.org}, eprint = {2401.00001}, archiveprefix = {arXiv},"
    " primaryclass = {cs.CV}, abstract = {We look.}, howpublished = {H}}\n",
    "a.ris": "TY  - JOUR\nTI  - T\nAU  - A, B\nPY  - 2024/03/12/\nDA  - 2024/03\nJO  - J\nDO  - 10.1000/1\n"
    "UR  - https://x.org\nAB  - We look.\nM1  - 3\nSP  - 1\nER  - \n",
    "a.txt": "Ann Ab\n\nCV\nh-index3\n1papers\n10citations\n\nCVMar 14, 2024Code\nOn the Matter\n\n"
    "Ann Ab, Bo Berg et al.\n\nWe look.\n",
}
PARTS = st.sampled_from(
    ["²", "٣", "\x00", "{", "}", '"', "\\", "@", ",", "=", "9" * 400, "-", "ER  - ", "TY  - ", "\n", "é", ""]
)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 400), length=st.integers(0, 6), part=PARTS | st.text(max_size=5))
def test_any_part_of_a_file_may_be_any_other(name: str, place: int, length: int, part: str):
    text = FILES[name]
    place %= len(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text[:place] + part + text[place + length :], encoding="utf-8", errors="replace")
        try:
            items = list(read_file(path, as_of=None, today=dt.date(2026, 1, 1)))
        except PapercordError as error:
            items = [str(error)]
        assert all(items)
        assert items


def test_json_of_great_depth_is_refused():
    for read, _ in JSON_READERS.values():
        _read(read, b"[" * 100_000)
        _read(read, b'{"a":' * 500 + b"1" + b"}" * 500)
        _read(read, orjson.dumps([None] * 3))
