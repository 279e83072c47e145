"""LaTeX made readable."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text.latex import converter, easily, first_sentences, readable
from tests.apps import processor_seconds


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"connected to $O(\log(n))$ neighbors and $n$ is", "connected to O(log(n)) neighbors and n is"),
        (r"$O(\log n)$", "O(log n)"),
        (r"reduce almost 60\% of", "reduce almost 60% of"),
        (r"saw \textbf{244} registered", "saw 244 registered"),
        ("co-training~(SICoT)", "co-training (SICoT)"),
        (r"$\operatorname{DIV2K\_LSDIR\_valid}$", "DIV2K_LSDIR_valid"),
        (r"where $1-β\to 0$, Gossip", "where 1-β → 0, Gossip"),
        (r"gain 3.9$\times$ throughput", "gain 3.9× throughput"),
        (r"$Ω(β^4 n^3/(1-β)^4)$", "Ω(β⁴ n³/(1-β)⁴)"),
        (r"Pailitao\footnote{http://www.pailitao.com} at", "Pailitao (http://www.pailitao.com) at"),
        ("$10^{-3}$ and 10^{-3}", "10⁻³ and 10⁻³"),
        (r"$L_2$, $x_i^2$, $\theta_{t+1}$, $A^T$", "L₂, xᵢ², θₜ₊₁, Aᵀ"),
        (r"$\mathbb{R}^{d \times d}$", "ℝ^(d × d)"),
        ("$e^{-x^2}$", "e^(-x²)"),
        (r"$\sim$10 and $\pm 3$", "∼10 and ± 3"),
        (r"$\frac{1}{n+1}$ and $\tfrac{t}{2}$", "1/(n+1) and t/2"),
        (r"(P$<$0.001), 360{\deg}", "(P<0.001), 360°"),
        (r"the link \href{https://a.b}", "the link https://a.b"),
        (r"\href{https://a.b}{the text}, \url{https://a.b/c_d}", "the text, https://a.b/c_d"),
        ("costs $5 and $6", "costs $5 and $6"),
        (r"US\$5", "US$5"),
        ("an unbalanced $x here", "an unbalanced $x here"),
        ("50% of C# & Java, snake_case ^", "50% of C# & Java, snake_case ^"),
        (r"50% of \textit{R&D} is", "50% of R&D is"),
        (r"G\"odel, {\'e}, \v{c}, \o", "Gödel, é, č, ø"),
        ("``quoted'' -- and --- so", "“quoted” – and — so"),
        (r"{\em first} of", "first of"),
        (r"as in \cite{a,b} we", "as in we"),
        (r"By \underline{V}alue and $\overline{xy}$", "By Value and xy"),
        (r"A\textsuperscript{2}FM, H\textsubscript{2}O, R\textsuperscript{\textregistered}", "A²FM, H₂O, R®"),
        (r"\OurMethod is at C:\new", r"\OurMethod is at C:\new"),
        ("https://a.b/~c/%20--d \\alpha", "https://a.b/~c/%20--d α"),
        ("first\n  line $x$\n\n\nsecond", "first line x\n\nsecond"),
        ("", ""),
        ("Plain, as  it was", "Plain, as  it was"),
    ],
)
def test_latex_is_made_readable(latex: str, text: str) -> None:
    assert readable(latex) == text


@pytest.mark.parametrize(
    "broken",
    ["\\frac", "\\href{", "$", "$$", "\\", "{", "}", "\\begin{x}", "\\end{x}", "$\\frac{$", "\\[", "\\verb"],
)
def test_broken_latex_is_read_as_far_as_it_goes(broken: str) -> None:
    assert "The end" in readable(f"The end. {broken}")


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab1 $\\{}^_%&#~-`'[]\n")), max_size=60))
def test_no_text_whatsoever_breaks_the_conversion(text: str) -> None:
    assert isinstance(readable(text), str)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\\$~{}`'-"), max_size=60))
def test_a_text_without_latex_stays_as_it_is(text: str) -> None:
    assert readable(text) == text


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "}",
        "{}",
        "$",
        "$a",
        "$ ",
        "$^",
        "^{x",
        "\\frac",
        "\\sqrt{",
        "\\begin{a}",
        "\\left(",
        "\\",
        "''",
        "https://a~",
    ],
)
def test_hostile_texts_take_no_long_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    with processor_seconds() as used:
        readable(text)
        assert used() < 2


def test_whole_sentences_are_kept_as_far_as_they_fit() -> None:
    text = "One sentence, e.g. this. Another by J. Pan et al. It goes on! A fourth?"
    assert first_sentences(text, 100) == text
    assert first_sentences(text, 66) == "One sentence, e.g. this. Another by J. Pan et al. It goes on!"
    assert first_sentences(text, 30) == "One sentence, e.g. this."
    assert first_sentences(text, 24) == "One sentence, e.g. this."
    assert first_sentences(text, 10) == ""


@given(st.text(alphabet='aB. !?\n"', max_size=80), st.integers(0, 60))
def test_first_sentences_fit_and_are_the_beginning(text: str, limit: int) -> None:
    start = first_sentences(text, limit)
    assert len(start) <= limit
    assert text.startswith(start)


PIECES = (
    r"\textbf{bold}",
    r"\emph{a b}",
    r"\%",
    r"50\%",
    "$n$",
    r"$\alpha$",
    r"$2\times$",
    r"$ 2\times$",
    "$x{}²$",
    r"$5\%$",
    r"$\sqrt 2$",
    "---",
    "--",
    "~",
    "``",
    "''",
    "don't",
    "{}",
    "(a),",
    " ",
    r"\alpha",
    r"$1024 \times 1024$",
    r"$\mathcal{O}(n^{2})$",
    r"$x_{\text{in}} \in \mathbb{R}^{d}$",
    r"$\frac{1}{2} \sqrt{n}$",
    r"$\sqrt 2 \le v^{*}$",
    r"$\ell{}₁$-norm",
    r"Fr\'echet",
    r"{\deg}",
    r"\texttt{\textbf{a}}",
    "{a}",
)


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_simple_pieces_come_out_as_the_library_has_them(piece: str):
    assert easily(piece) in {None, converter()(piece)}
