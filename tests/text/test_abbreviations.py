"""Which abbreviations a text defines."""

from __future__ import annotations

import pytest

from bot.text.abbreviations import definitions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("We study question answering (QA) at sea.", [("qa", "question answering")]),
        ("Of Large Language Models (LLMs).", [("llm", "large language models")]),
        ("RAG (retrieval-augmented generation) helps.", [("rag", "retrieval augmented generation")]),
        ("With chain-of-thought (CoT) and in-context learning (ICL).", "cot icl"),
        ("t-distributed stochastic neighbor embedding (t-SNE)", []),
        ("The heat shock transcription factor (HSF) of cod.", [("hsf", "heat shock transcription factor")]),
        ("The T-cell receptor (TCR).", [("tcr", "t cell receptor")]),
        ("By self-supervised learning (SSL).", [("ssl", "self supervised learning")]),
        ("3D Gaussian splatting (3DGS)", [("3dgs", "3d gaussian splatting")]),
        ("messenger RNA (mRNA)", [("mrna", "messenger rna")]),
        ("Kernel 2-dimensional maps (K2D).", [("k2d", "kernel 2 dimensional maps")]),
        ("an optimiser (Adam), a figure (Fig), our way (ours), a year (2024)", []),
        ("Information technology (IT) is a word (IT).", []),
        ("A net (NET) alone.", []),
        ("No letters of it (XYZ).", []),
        ("without brackets QA", []),
        ("unclosed question answering (QA", []),
    ],
)
def test_definitions_are_read(text: str, found: list[tuple[str, str]] | str):
    read = [(short, " ".join(words)) for short, words in definitions(text)]
    assert (" ".join(short for short, _ in read) if isinstance(found, str) else read) == found
