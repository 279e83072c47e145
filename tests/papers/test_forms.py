"""One thing in its many forms: joined words, numbers and formulae, names with years, identifiers, quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.app import App
from bot.papers.results import SearchRequest
from bot.papers.search import find_paper, search
from tests.apps import add, close_app, open_app
from tests.papers.conftest import bold, find, titles

ROWS: list[dict[str, Any]] = [
    {"title": "Faster k-means for tide tables", "abstract": "We speed up k-means clustering."},
    {"title": "What the tide means", "abstract": "It means that ships wait."},
    {"title": "A t-SNE map of harbours", "abstract": "Maps by t-SNE and e-mail surveys over Wi-Fi."},
    {"title": "X-ray images of ropes", "abstract": "Chest X-ray scans after COVID-19."},
    {"title": "A C++ library for knots", "abstract": "Written in C++ and C#, with an F# binding."},
    {"title": "The C language in harbours", "abstract": "Programs in C and a few in R."},
    {"title": "C# on quays", "abstract": "About C# programs."},
    {"title": "β-VAE for kelp", "abstract": "A $\\beta$-VAE learns factors."},
    {"title": "GPT-4o reads charts", "abstract": "We test GPT-4o on sea charts."},
    {"title": "GPT-4 reads maps", "abstract": "We test GPT-4 on maps."},
    {"title": "Prompts for GPT3", "abstract": "GPT3 writes logs."},
    {"title": "YOLOv8 on Llama-2 boats", "abstract": "We use YOLOv8 and Llama-2 with ImageNet-1K."},
    {"title": "TCP/IP under water", "abstract": "Links by TCP/IP and I/O boards."},
    {"title": "CO₂ uptake of kelp", "abstract": "Uptake of CO₂ by kelp."},
    {"title": "Magnetic Fe3O4 sand", "abstract": "Grains of Fe$_3$O$_4$ in sand."},
    {"title": "Superconducting YBa$_2$Cu$_3$O$_{7-x}$ ropes", "abstract": "Ropes of it."},
    {"title": "Films of Cu$_2$O", "abstract": "Grown in H$_{2}$O."},
    {"title": "$\\ell_1$-regularized nets", "abstract": "Nets with $\\ell_1$ penalty."},
    {"title": "Decay of Ca 38 : a test of mirrors", "abstract": "Spaces as a publisher gives them."},
    {"title": "A 10,000 km swim at 1.5 knots", "abstract": "10,000 km."},
    {"title": "Qwen2.5 for pilots"},
    {"title": "$\\ell_p$ norms of waves"},
    {"title": "Dating by $^{13}$C"},
    {"title": "A sail of 1 000 000 knots"},
    {"title": "LEGO™ bricks and Watson® desks", "abstract": "Toys: LEGO™."},
    {"title": "神经网络在港口的应用", "abstract": "本文研究港口的神经网络。"},
    {"title": "신경망을 이용한 항구 조사", "authors": ["김철수"], "abstract": "항구에서 신경망을 쓴다."},
    {"title": "ニューラルネットワークによる港の研究", "abstract": "港の研究。"},
    {"title": "Attention is what ropes need", "authors": ["Ashi Vasw", "Noa Shaz"], "date": "2017"},
    {"title": "Attention for seals", "authors": ["Ana Vasw"], "date": "2019", "abstract": "Since 2017."},
    {"title": "Adaptive oars", "authors": ["Diede Kingm", "Jimi Ba"], "date": "2014-12-22"},
    {"title": "The privacy paradox of buoys", "authors": ["Ana Ruiz"], "abstract": "The privacy paradox."},
    {"title": "A paradox, and privacy of divers", "abstract": "Privacy matters; no paradox."},
    {"title": "Score: music for piers", "abstract": "Author: nobody. Field: none."},
    {
        "id": "2103.00999",
        "title": "Learning ropes from captions",
        "url": "https://arxiv.org/abs/2103.00999",
        "doi": "10.9999/caps.1",
    },
]

FIRST = {
    "Faster k-means for tide tables": ["k-means", "kmeans", "k means", "K-Means", "kmeans clustering"],
    "A t-SNE map of harbours": ["t-SNE", "tsne", "tSNE maps", "wifi", "wi-fi", "wi fi", "e-mail", "email"],
    "X-ray images of ropes": ["x-ray", "xray", "x ray", "COVID-19", "covid19", "covid 19", "COVID19 scans"],
    "A C++ library for knots": ["C++", "c++ library", "C++ knots", "F#", "f# binding"],
    "C# on quays": ["C#", "c# programs"],
    "The C language in harbours": ["C", "programs in C and R"],
    "β-VAE for kelp": ["β-VAE", "beta-VAE", "beta vae", "betaVAE"],
    "GPT-4o reads charts": ["GPT-4o", "GPT4o", "GPT 4o", "gpt4o charts"],
    "GPT-4 reads maps": ["GPT-4", "gpt4", "GPT 4"],
    "Prompts for GPT3": ["GPT3", "GPT-3", "GPT 3", "gpt-3 logs"],
    "YOLOv8 on Llama-2 boats": [
        *("YOLOv8", "YOLO v8", "YOLO-v8", "Llama2", "llama 2", "Llama-2", "imagenet1k", "ImageNet-1k"),
        "imagenet 1k",
    ],
    "TCP/IP under water": ["TCP/IP", "tcp ip", "TCPIP", "I/O"],
    "CO₂ uptake of kelp": ["CO2", "CO₂", "CO_2", "CO$_2$ uptake"],
    "Magnetic Fe3O4 sand": ["Fe3O4", "Fe$_3$O$_4$", "fe3o4 grains"],
    "Superconducting YBa$_2$Cu$_3$O$_{7-x}$ ropes": [
        "YBa2Cu3O7",
        "YBa2Cu3O7 ropes",
        "YBa$_2$Cu$_3$O$_{7-x}$",
    ],
    "Films of Cu$_2$O": ["Cu2O", "H2O", "Cu₂O", "Cu_2O"],
    "$\\ell_1$-regularized nets": [
        "l1 regularized",
        "ℓ1 regularized",
        "L1-regularized nets",
        "ell_1",
        "$\\ell_1$",
    ],
    "Decay of Ca 38 : a test of mirrors": ["Ca38", "38Ca", "Ca-38 decay", "$^{38}$Ca"],
    "A 10,000 km swim at 1.5 knots": ["10000 km", "10,000 km", "10 000 km", "1.5 knots"],
    "Qwen2.5 for pilots": ["Qwen2.5", "Qwen 2.5", "Qwen-2.5"],
    "$\\ell_p$ norms of waves": ["lp norms", "ℓp", "$\\ell_p$", "l_p"],
    "Dating by $^{13}$C": ["13C", "C13", "C-13", "$^{13}$C"],
    "A sail of 1 000 000 knots": ["1000000", "1,000,000 knots"],
    "LEGO™ bricks and Watson® desks": ["LEGO bricks", "LEGO", "Watson desks", "LEGO™"],
    "神经网络在港口的应用": ["神经网络", "港口", "神经网络的"],
    "신경망을 이용한 항구 조사": ["신경망", "항구", "신경망을", "신경망은", "김철수"],
    "ニューラルネットワークによる港の研究": ["ニューラルネットワーク", "ニューラルネットワークを"],
    "Attention is what ropes need": [
        *("Vasw et al. 2017", "Vasw 2017", "Vasw (2017)", "(Vasw et al., 2017)", "Vasw and Shaz 2017"),
        *("Vasw & Shaz", "Vasw 2017 attention", "Vasw et al 2017 ropes"),
    ],
    "Attention for seals": ["Vasw 2019", "Vasw, 2019", "Vasw et al. 2019"],
    "Adaptive oars": ["Kingm & Ba", "Kingm and Ba", "Kingm & Ba 2014", "(Kingm and Ba, 2014)"],
    "The privacy paradox of buoys": [
        *(
            '"privacy paradox"',
            "“privacy paradox”",
            "'privacy paradox'",
            "„privacy paradox“",
            "‘privacy paradox’",
        ),
        *('"privacy paradox', "“privacy paradox", "author: Ruiz", "Author: Ruiz paradox", "author:Ruiz"),
    ],
    "Score: music for piers": ["Score: music for piers", "'Score: music' for piers"],
    "Learning ropes from captions": [
        *("2103.00999", "arXiv:2103.00999v2", "https://arxiv.org/pdf/2103.00999v1", "arxiv 2103.00999"),
        *("see arXiv:2103.00999, please", "10.9999/CAPS.1", "doi:10.9999/caps.1", "DOI 10.9999/caps.1"),
        *("https://doi.org/10.9999/Caps.1", "DOI 10.9999/caps.1 ropes", "(https://arxiv.org/abs/2103.00999)"),
    ],
}


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = open_app(tmp_path_factory.mktemp("forms"))
    add(app, *ROWS)
    yield app
    close_app(app)


@pytest.mark.parametrize(("title", "query"), [(title, query) for title in FIRST for query in FIRST[title]])
def test_a_paper_is_found_first_and_in_full_in_each_form(forms: App, title: str, query: str):
    assert titles(find(forms, query))[:1] == [title]


@pytest.mark.parametrize(
    ("query", "others"),
    [
        ("kmeans", "What the tide means"),
        ("C++", "The C language in harbours"),
        ("C#", "The C language in harbours"),
    ],
)
def test_what_is_alike_in_letters_alone_is_not_found(forms: App, query: str, others: str):
    assert others not in [hit.paper.title for hit in find(forms, query).hits]


@pytest.mark.parametrize("query", ['"privacy paradox"', "'privacy paradox'", '"privacy paradox'])
def test_a_quoted_phrase_is_found_alone(forms: App, query: str):
    assert [hit.paper.title for hit in find(forms, query).hits] == ["The privacy paradox of buoys"]


def test_a_paper_is_named_by_an_identifier_among_words(forms: App):
    paper = find_paper(forms, "see arXiv:2103.00999").paper
    assert paper is not None
    assert paper.title == "Learning ropes from captions"


@pytest.mark.parametrize(
    ("query", "marked"), [("C++ library", "C++"), ("10000 km", "10,000"), ("lego", "LEGO")]
)
def test_forms_are_marked_where_they_stand(forms: App, query: str, marked: str):
    assert marked in bold(find(forms, query).hits[0])


def test_spellings_are_named_only_where_they_changed_the_answer(forms: App):
    add(forms, {"title": "Colour of ropes"}, {"title": "Color of buoys"})
    assert search(forms, SearchRequest("color ropes")).variants == ("colour",)
    assert search(forms, SearchRequest("color buoys")).variants == ()
