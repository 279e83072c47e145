"""Links to papers in what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.corpus.links import PaperLink, find_links, read_link

SICI = "10.1002/(SICI)1096-9861(19960129)365:1<1::AID-CNE1>3.0.CO;2-6"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("2110.13363", ("arxiv", "2110.13363")),
        ("arXiv:2110.13363v2", ("arxiv", "2110.13363")),
        ("https://arxiv.org/abs/2110.13363v3", ("arxiv", "2110.13363")),
        ("https://arxiv.org/pdf/2110.13363.pdf", ("arxiv", "2110.13363")),
        ("https://arxiv.org/abs/math/0211159", ("arxiv", "math/0211159")),
        ("https://doi.org/10.48550/arXiv.2110.13363", ("arxiv", "2110.13363")),
        ("10.1109/ICSTW55395.2022.00035", ("doi", "10.1109/icstw55395.2022.00035")),
        ("https://doi.org/10.1145/3395363.3397376).", ("doi", "10.1145/3395363.3397376")),
        ("https://dl.acm.org/doi/10.1145/3395363.3397376", ("doi", "10.1145/3395363.3397376")),
        ("https://dl.acm.org/doi/pdf/10.1145/3395363.3397376?x=1", ("doi", "10.1145/3395363.3397376")),
        ("https://openreview.net/forum?id=B1xY-hRctX", ("openreview", "B1xY-hRctX")),
        ("https://openreview.net/pdf?noteId=a&id=B1xY-hRctX", ("openreview", "B1xY-hRctX")),
        ("https://huggingface.co/papers/2110.13363", ("arxiv", "2110.13363")),
        ("alphaxiv.org/overview/2110.13363v2", ("arxiv", "2110.13363")),
        ("https://ar5iv.labs.arxiv.org/html/2110.13363", ("arxiv", "2110.13363")),
        ("https://ar5iv.org/2110.13363", ("arxiv", "2110.13363")),
        ("https://browse.arxiv.org/html/2110.13363v1/", ("arxiv", "2110.13363")),
        ("arXiv:2110.13363v2 [cs.LG]", ("arxiv", "2110.13363")),
        ("arXiv:2110.13363v2 [cs.LG] 25 Oct 2021", ("arxiv", "2110.13363")),
        ("<https://arxiv.org/abs/2110.13363>", ("arxiv", "2110.13363")),
        (
            "https://www.biorxiv.org/content/10.1101/2020.11.02.364968v2.full.pdf+html",
            ("doi", "10.1101/2020.11.02.364968"),
        ),
        (
            "https://www.biorxiv.org/content/biorxiv/early/2020/11/02/2020.11.02.364968.full.pdf",
            ("doi", "10.1101/2020.11.02.364968"),
        ),
        (
            "https://www.medrxiv.org/content/10.1101/2020.03.24.20042937v1",
            ("doi", "10.1101/2020.03.24.20042937"),
        ),
        (
            "https://www.biorxiv.org/content/early/2026/08/01/2026.07.31.741992.source.xml",
            ("doi", "10.64898/2026.07.31.741992"),
        ),
        (
            "https://www.biorxiv.org/content/10.64898/2025.12.01.691234v1.full-text",
            ("doi", "10.64898/2025.12.01.691234"),
        ),
        ("10.1101/123456v1", ("doi", "10.1101/123456")),
        ("https://genome.cshlp.org/content/10.1101/gr.123456.111", ("doi", "10.1101/gr.123456.111")),
        ("https://doi.org/10.1038/445922?utm_source=x", ("doi", "10.1038/445922")),
        ("https://doi.org/10.1038/445922.pdf", ("doi", "10.1038/445922")),
        ("https://doi.org/10.1038/445922#abstract", ("doi", "10.1038/445922")),
        ("https://doi.org/10.1016/S0140-6736(20)30183-5", ("doi", "10.1016/s0140-6736(20)30183-5")),
        (f"https://doi.org/{SICI}", ("doi", SICI.lower())),
        (f"<https://doi.org/{SICI}>", ("doi", SICI.lower())),
        (
            "https://onlinelibrary.wiley.com/doi/abs/"
            "10.1002/(SICI)1096-9861(19960129)365:1%3C1::AID-CNE1%3E3.0.CO;2-6/abstract",
            ("doi", SICI.lower()),
        ),
        (
            "https://journals.plos.org/plosone/article/file?id=10.1371%2Fjournal.pone.0012345&type=printable",
            ("doi", "10.1371/journal.pone.0012345"),
        ),
        (
            "https://academic.oup.com/bioinformatics/article/doi/10.1093/bioinformatics/btaa123/5734511",
            ("doi", "10.1093/bioinformatics/btaa123"),
        ),
        (
            "https://www.frontiersin.org/articles/10.3389/fnins.2020.00123/full",
            ("doi", "10.3389/fnins.2020.00123"),
        ),
        ("https://iopscience.iop.org/article/10.1088/0953/1/1/001/meta", ("doi", "10.1088/0953/1/1/001")),
        ("https://www.nature.com/articles/s41586-020-2649-2.pdf", ("doi", "10.1038/s41586-020-2649-2")),
        (
            f"https://www.semanticscholar.org/paper/Attention-is-All/{'ab12' * 10}?utm=1",
            ("semantic scholar", "ab12" * 10),
        ),
        ("https://api.semanticscholar.org/CorpusID:13756489", ("semantic scholar", "CorpusId:13756489")),
        ("https://openalex.org/works/W2741809807", ("openalex", "W2741809807")),
        ("https://pubmed.ncbi.nlm.nih.gov/14907713/", ("pubmed", "14907713")),
        ("https://www.ncbi.nlm.nih.gov/pubmed/14907713?dopt=Abstract", ("pubmed", "14907713")),
        ("PMID: 14907713", ("pubmed", "14907713")),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC2323736/pdf/x.pdf", ("pmc", "PMC2323736")),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC2323736/", ("pmc", "PMC2323736")),
        ("https://aclanthology.org/P19-1001.pdf", ("acl", "P19-1001")),
        ("https://www.aclweb.org/anthology/2020.acl-main.1/", ("acl", "2020.acl-main.1")),
        ("[arXiv:2110.13363]", ("arxiv", "2110.13363")),
        ("arXiv 2110.13363", ("arxiv", "2110.13363")),
        ("https://www.arxiv-vanity.com/papers/2110.13363/", ("arxiv", "2110.13363")),
        ("https://huggingface.co/papers/2110.13363/", ("arxiv", "2110.13363")),
        ("https://scirate.com/arxiv/2110.13363", ("arxiv", "2110.13363")),
        ("https://ui.adsabs.harvard.edu/abs/2021arXiv211013363P/abstract", ("arxiv", "2110.13363")),
        ("https://ui.adsabs.harvard.edu/abs/2012arXiv1207.0580H", ("arxiv", "1207.0580")),
        ("DOI 10.1038/445922", ("doi", "10.1038/445922")),
        ('"10.1038/445922"', ("doi", "10.1038/445922")),
        ("https://zenodo.org/records/1234567", ("doi", "10.5281/zenodo.1234567")),
        ("https://elifesciences.org/articles/12345", ("doi", "10.7554/elife.12345")),
        ("https://peerj.com/articles/cs-123/", ("doi", "10.7717/peerj-cs.123")),
        ("https://www.researchsquare.com/article/rs-123456/v1", ("doi", "10.21203/rs.3.rs-123456/v1")),
        (f"https://www.connectedpapers.com/main/{'ab12' * 10}/graph", ("semantic scholar", "ab12" * 10)),
        ("https://arxiv.org/list/cs.LG/2110", None),
        ("https://huggingface.co/papers", None),
        ("https://example.org/2110.13363", None),
        ("a title", None),
        ("", None),
    ],
)
def test_a_paper_is_read_from_its_id_or_address(text: str, link: tuple | None):
    assert read_link(text) == (PaperLink(*link) if link else None)


def test_a_message_names_its_papers_once_each_and_in_order():
    text = (
        "Look: https://arxiv.org/abs/2110.13363 (also <https://arxiv.org/pdf/2110.13363v2>), "
        "arXiv:2105.00001, [this](https://doi.org/10.1145/3395363.3397376), "
        "**https://openreview.net/forum?id=B1xY-hRctX** "
        "and not https://example.org/ or 3.14159."
    )
    assert [link.label for link in find_links(text)] == [
        "arXiv:2110.13363",
        "arXiv:2105.00001",
        "doi:10.1145/3395363.3397376",
        "OpenReview B1xY-hRctX",
    ]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("see arxiv.org/abs/2110.13363, and hf.co/papers/2110.13364.", ["2110.13363", "2110.13364"]),
        (
            "https://doi.org/10.1038/445922?utm_source=x and (https://doi.org/10.1038/445922.pdf)",
            ["10.1038/445922"],
        ),
        (f"the classic {SICI}, and https://doi.org/{SICI}.", [SICI.lower()]),
        ("10.1000/foo.bar/baz", ["10.1000/foo.bar/baz"]),
        ("PMID: 14907713 or PMC2323736", ["14907713", "PMC2323736"]),
    ],
)
def test_what_stands_in_a_sentence_is_one_paper_each(text: str, labels: list[str]):
    assert [link.value for link in find_links(text)] == labels


def test_all_of_very_many_are_found():
    assert len(find_links(" ".join(f"arXiv:2110.{number:05d}" for number in range(1, 50)))) == 49


@given(st.text(max_size=300))
def test_any_text_is_read(text: str):
    assert all(link.label for link in find_links(text))
    read_link(text)
