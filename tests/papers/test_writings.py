"""More forms in which people write one thing: models, formulae, languages, citations, identifiers, signs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.app import App
from tests.apps import add, close_app, open_app
from tests.papers.conftest import find, titles

ROWS: list[dict[str, Any]] = [
    {"title": "BERT-base reads harbour logs", "abstract": "We fine-tune BERT-base."},
    {"title": "BERT for tides", "abstract": "A base of tidal data."},
    {"title": "ResNet50 counts gulls", "abstract": "ResNet50 with a CIFAR-10 head."},
    {"title": "ResNet-101 counts seals", "abstract": "ResNet-101 on CIFAR-100."},
    {"title": "LLaMA 3 in the galley", "abstract": "LLaMA 3 and LLaMA 3.1 write menus."},
    {"title": "LLaMA-2 in the mess", "abstract": "Menus of LLaMA-2-7B."},
    {"title": "Mixtral-8x7B steers", "abstract": "Mixtral-8x7B."},
    {"title": "Perovskite La2CuO4 anodes", "abstract": "La$_{2}$CuO$_4$ and TiO$_2$."},
    {"title": "SARS-CoV-2 aboard", "abstract": "Tests for SARS-CoV-2."},
    {"title": "C++20 modules for charts", "abstract": "Modules of C++20."},
    {"title": "R packages for catch data", "abstract": "In R."},
    {"title": "F# units of measure", "abstract": "F# knows knots."},
    {"title": "Naïve Bayes for whale songs", "abstract": "A naïve classifier."},
    {"title": "Poincaré maps of moorings", "abstract": "Poincaré sections."},
    {"title": "Schrödinger buoys", "abstract": "Buoys after Schrödinger."},
    {"title": "The Erdős number of sailors", "authors": ["Paul Erdős"], "date": "1996"},
    {"title": "Łukasiewicz logic of locks", "authors": ["Jan Łukasiewicz"], "date": "1930"},
    {"title": "Smørrebrød supply chains", "authors": ["Søren Ångström"], "date": "2011"},
    {"title": "深層学習による魚の分類", "abstract": "深層学習を用いる。", "authors": ["山田太郎"]},
    {"title": "强化学习控制帆船", "abstract": "使用强化学习。", "authors": ["王小明"]},
    {"title": "강화학습으로 배를 조종하기", "abstract": "강화학습을 쓴다.", "authors": ["박지훈"]},
    {"title": "A catalogue of 1,000,000 shells", "abstract": "1,000,000 shells."},
    {"title": "Sampling at 2.4 GHz", "abstract": "At 2.4GHz and 5 GHz."},
    {"title": "The $L^2$ norm of swell", "abstract": "In $L^2$ and $L_\\infty$."},
    {"title": "$\\mu$-law coding of foghorns", "abstract": "The μ-law."},
    {"title": "ε-greedy fishing", "abstract": "An $\\epsilon$-greedy fleet."},
    {"title": "Adam steps for oars", "authors": ["Diederik P. Kingma", "Jimmy Ba"], "date": "2015"},
    {"title": "Residual rafts", "authors": ["Kaiming He", "Xiangyu Zhang"], "date": "2016"},
    {"title": "He waits for rafts", "abstract": "He and others in 2016.", "date": "2020"},
    {"title": "Attention is all you row", "authors": ["Ashish Vaswani", "Noam Shazeer"], "date": "2017"},
    {"title": "Row, attention, row", "abstract": "All you need.", "date": "2021"},
    {
        "title": "Reducing the dimensions of ropes",
        "authors": ["G. Hinton", "R. Salakhutd"],
        "date": "2006",
    },
    {"title": "Ports of the low lands", "authors": ["Laurens van der Maaten"], "date": "2008"},
    {"title": "Deltas", "authors": ["Hans De La Cruz", "Ludwig von Mises"], "date": "2009"},
    {"title": "Locks and weirs", "authors": ["Seán O'Brien", "Anne-Marie Lefèvre"], "date": "2010"},
    {
        "id": "2301.01234",
        "title": "Prompting pilots",
        "url": "https://arxiv.org/abs/2301.01234",
        "doi": "10.1234/pil.2023-7",
    },
    {"id": "hep-th/9901001", "title": "Strings of pearls", "url": "https://arxiv.org/abs/hep-th/9901001"},
    {"title": "Sails of tomorrow", "abstract": "The sails of tomorrow are kites."},
    {"title": "Tomorrow sails", "abstract": "Sails are furled tomorrow."},
    {"title": "Fish & chips: a survey", "abstract": "Fish and chips."},
    {"title": "To be or not to be a diver", "abstract": "Divers."},
    {"title": "What is 5G at sea?", "abstract": "5G and 6G links."},
    {"title": "3D printing of hulls", "abstract": "3-D prints."},
    {"title": "Two-dimensional ice", "abstract": "2D ice."},
    {"title": "Q-learning of knots", "abstract": "Deep Q-learning."},
    {"title": "U-Net finds reefs", "abstract": "A U-Net."},
    {"title": "p-values of catches", "abstract": "A p-value of .05."},
    {"title": "word2vec for log books", "abstract": "word2vec."},
    {"title": "CLIP-ViT-L/14 sees flags", "abstract": "CLIP ViT-L/14."},
    {"title": "NO$_x$ of ferries", "abstract": "NOx and SO2 from ferries."},
    {"title": "Node.js for ports", "abstract": "In Node.js."},
    {"title": "H-index of harbour masters", "abstract": "The h-index."},
]

FIRST = {
    "BERT-base reads harbour logs": ["BERT-base", "bert base", "BERT‑base", "BERT–base logs", "BERT_base"],
    "ResNet50 counts gulls": ["ResNet50", "ResNet-50", "resnet 50", "Resnet-50 gulls", "CIFAR10", "cifar 10"],
    "ResNet-101 counts seals": ["resnet101", "CIFAR100", "CIFAR 100"],
    "LLaMA 3 in the galley": ["LLaMA 3", "llama3", "LLaMA-3", "Llama 3.1", "llama3.1", "llama-3.1"],
    "LLaMA-2 in the mess": ["llama2", "llama 2 7b", "LLaMA-2-7B", "llama2-7b"],
    "Mixtral-8x7B steers": ["mixtral 8x7b", "Mixtral8x7B", "8x7b"],
    "Perovskite La2CuO4 anodes": ["La2CuO4", "La$_2$CuO$_4$", "La₂CuO₄", "La_2CuO_4", "TiO2", "TiO₂"],
    "SARS-CoV-2 aboard": ["SARS-CoV-2", "sars cov 2", "sars-cov2", "SARS CoV-2"],
    "C++20 modules for charts": ["C++20", "c++20 modules", "C++ 20"],
    "R packages for catch data": ["R", "R packages", "r package"],
    "F# units of measure": ["F#", "f# units"],
    "Naïve Bayes for whale songs": ["naïve Bayes", "naive bayes", 'Na\\"ive Bayes', "naı̈ve bayes"],
    "Poincaré maps of moorings": ["Poincaré", "poincare", "Poincar\\'e maps", "Poincare\u0301 maps"],
    "Schrödinger buoys": ["Schrodinger", 'Schr\\"odinger buoys', "SCHRÖDINGER"],
    "The Erdős number of sailors": ["Erdos", "Erdös number", "Erd\\H{o}s", "Erdős 1996"],
    "Łukasiewicz logic of locks": ["Lukasiewicz", "Łukasiewicz logic", "\\L{}ukasiewicz"],
    "Smørrebrød supply chains": ["smorrebrod", "Smørrebrød", "Ångström", "Angstrom 2011", "Soren Angstrom"],
    "深層学習による魚の分類": ["深層学習", "深層学習の", "魚の分類", "山田太郎", "山田"],
    "强化学习控制帆船": ["强化学习", "强化学习的", "王小明", "帆船"],
    "강화학습으로 배를 조종하기": ["강화학습", "강화학습의", "강화학습에서", "박지훈"],
    "A catalogue of 1,000,000 shells": ["1,000,000 shells", "1000000 shells", "1 000 000 shells"],
    "Sampling at 2.4 GHz": ["2.4 GHz", "2.4GHz", "5GHz", "5 GHz"],
    "The $L^2$ norm of swell": ["L2 norm", "L^2 norm", "l2-norm", "$L^2$-norm", "L² norm"],
    "$\\mu$-law coding of foghorns": ["μ-law", "mu-law", "µ-law", "mu law coding"],
    "ε-greedy fishing": ["ε-greedy", "epsilon-greedy", "epsilon greedy", "$\\epsilon$-greedy", "ϵ-greedy"],
    "Adam steps for oars": [
        *("Kingma & Ba 2015", "Kingma and Ba (2015)", "Kingma, Ba 2015", "[Kingma and Ba, 2015]"),
        *("Kingma & Ba, 2015; Adam", "Kingma 2015 oars", "D. P. Kingma", "Kingma D.P."),
    ],
    "Residual rafts": ["(He et al., 2016)", "He et al. 2016", "He et al., 2016 rafts", "Kaiming He 2016"],
    "Attention is all you row": [
        *("Attention is all you row (Vaswani 2017)", "Vaswani et al. [2017]", "Vaswani, A. et al. (2017)"),
        *("vaswani et al 2017 attention", "Vaswani+ 2017", "Vaswani et al. (2017b)"),
    ],
    "Reducing the dimensions of ropes": [
        *("Hinton, Salakhutd 2006", "Hinton & Salakhutd (2006)", "Hinton and Salakhutd, 2006a"),
        "Hinton/Salakhutd 2006",
    ],
    "Ports of the low lands": ["van der Maaten 2008", "Van der Maaten", "Maaten, L. van der"],
    "Deltas": ["de la Cruz 2009", "von Mises", "Mises, L. von", "De La Cruz & von Mises 2009"],
    "Locks and weirs": [
        "O'Brien 2010",
        "O’Brien",
        "OBrien",
        "O Brien",
        "Anne-Marie Lefevre",
        "Anne Marie Lefèvre",
    ],
    "Prompting pilots": [
        *(
            "https://arxiv.org/abs/2301.01234v2",
            "see arXiv:2301.01234v3 too",
            "arXiv 2301.01234 [cs.CL]",
        ),
        *("what does https://arxiv.org/pdf/2301.01234v1.pdf say?", "doi:10.1234/pil.2023-7, p. 3"),
        *("https://doi.org/10.1234/PIL.2023-7.", "<https://doi.org/10.1234/pil.2023-7>", "2301.01234v1"),
        *(
            "“https://arxiv.org/abs/2301.01234”",
            "https://huggingface.co/papers/2301.01234",
            "arxiv:2301.01234.",
        ),
    ],
    "Strings of pearls": ["hep-th/9901001", "arXiv:hep-th/9901001", "see hep-th/9901001v2"],
    "Sails of tomorrow": [
        *('"sails of tomorrow"', "“sails of tomorrow”", "«sails of tomorrow»", "« sails of tomorrow »"),
        *("„sails of tomorrow”", "‚sails of tomorrow‘", "‹sails of tomorrow›", "``sails of tomorrow''"),
        *(
            "「sails of tomorrow」",
            "＂sails of tomorrow＂",
            "'sails of tomorrow",
            'title:"Sails of tomorrow"',
        ),
        *("title: sails of tomorrow", "intitle:sails of tomorrow", "Title:Sails of tomorrow"),
    ],
    "Fish & chips: a survey": [
        "Fish & chips",
        "fish and chips",
        "fish&chips",
        "fish + chips",
        "fish AND chips",
    ],
    "To be or not to be a diver": ["To be or not to be a diver", "TO BE OR NOT TO BE A DIVER"],
    "What is 5G at sea?": ["5G", "5g sea", "What is 5G at sea?", "5-G"],
    "3D printing of hulls": ["3D printing", "3-D printing", "3 D printing"],
    "Two-dimensional ice": ["two-dimensional ice", "two dimensional ice", "2-D ice", "2d ice"],
    "Q-learning of knots": ["Q-learning", "q learning", "Qlearning", "deep q-learning"],
    "U-Net finds reefs": ["U-Net", "UNet", "unet reefs", "u net"],
    "p-values of catches": ["p-value", "p value", "pvalue", "p-values"],
    "word2vec for log books": ["word2vec", "Word2Vec", "word-2-vec"],
    "CLIP-ViT-L/14 sees flags": ["ViT-L/14", "CLIP ViT-L/14", "vit l 14"],
    "NO$_x$ of ferries": ["NOx", "NO_x", "NO$_x$", "NO$_{x}$", "SO2", "SO₂"],
    "Node.js for ports": ["Node.js", "nodejs", "node js"],
    "H-index of harbour masters": ["h-index", "h index", "hindex"],
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = open_app(tmp_path_factory.mktemp("written"))
    add(app, *ROWS)
    yield app
    close_app(app)


@pytest.mark.parametrize(("title", "query"), [(title, query) for title in FIRST for query in FIRST[title]])
def test_a_paper_is_found_first_and_in_full_however_it_is_written(written: App, title: str, query: str):
    assert titles(find(written, query))[:1] == [title]
