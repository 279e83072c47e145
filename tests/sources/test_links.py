"""Links to papers in what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.lookup import PaperLink, find_links, read_link


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


def test_of_very_many_only_the_first_ten():
    assert len(find_links(" ".join(f"arXiv:2110.{number:05d}" for number in range(1, 50)))) == 10


@given(st.text(max_size=300))
def test_any_text_is_read(text: str):
    assert len(find_links(text)) <= 10
