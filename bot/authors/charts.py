"""Pictures of authors: papers by year and field, citations by year, with words that say the same.

Each is cached by what it shows: as long as that does not change with the corpus, it is not drawn anew.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from anyascii import anyascii

from bot.authors.results import Author

MOST_FIELDS = 4
MOST_YEARS = 20
MAX_ALT = 1_000
_WIDTH, _HEIGHT, _DPI = 7.6, 3.1, 112
_LONGEST_LABEL = 16
_MOST_NUMBERED = 12
_BAR = 0.72
"""Of the width of a year."""
_PANEL, _INK, _FAINT = "#1e1f24", "#f2f3f5", "#4a4d55"
"""An own dark panel with light letters: it reads the same on a dark and on a light theme."""
_COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#b8bcc6")
"""Of M. Okabe and K. Ito, which colour-blind people can distinguish; patterns say the same without colour."""
_PATTERNS = ("", "///", "...", "xx", "\\\\\\")
_OTHERS = "others"
_LETTERS_KNOWN = 0x530
"""Latin, Greek and Cyrillic; the font lacks others, or joins their letters wrongly."""
_drawing = Lock()
"""Matplotlib's caches of fonts are shared."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the words for who cannot see it."""

    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars over years."""

    title: str
    years: tuple[str, ...]
    parts: tuple[tuple[str, tuple[int, ...]], ...]
    """(label, height for each year), from the bottom."""


def author_picture(author: Author) -> Picture | None:
    """Papers by year and field, and citations by year where known; None where no paper has a date."""
    corpus = author.corpus
    if not corpus.fields_by_year:
        return None
    years = _years(list(corpus.fields_by_year))
    fields = list(corpus.fields)[:MOST_FIELDS]
    parts = [
        (field, tuple(corpus.fields_by_year.get(year, {}).get(field, 0) for year in years))
        for field in fields
    ]
    rest = tuple(
        sum(count for field, count in corpus.fields_by_year.get(year, {}).items() if field not in fields)
        for year in years
    )
    if any(rest):
        parts.append((_OTHERS if fields else "no field given", rest))
    bars = [Bars("Papers in this corpus, by year and field", years, tuple(parts))]
    if corpus.cited is not None and corpus.cited.citations:
        heights = tuple(corpus.citations_by_year.get(year, 0) for year in years)
        title = f"Citations of {corpus.cited.papers:,} papers, by their year"
        bars.append(Bars(title, years, (("citations", heights),)))
    return Picture(_draw(tuple(bars)), _alt(author.name, bars))


def compared_picture(authors: Sequence[Author]) -> Picture | None:
    """Papers by year of several authors, one panel each, on one scale."""
    dated = [author for author in authors if author.corpus.years]
    if not dated:
        return None
    years = _years(sorted({year for author in dated for year in author.corpus.years}))
    bars = tuple(
        Bars(
            author.name[:40],
            years,
            (("papers", tuple(author.corpus.years.get(year, 0) for year in years)),),
        )
        for author in authors
    )
    names = ", ".join(author.name for author in authors)
    return Picture(_draw(bars, one_scale=True), _alt(names, bars))


def _years(known: Sequence[str]) -> tuple[str, ...]:
    """All years from the first to the last, empty ones too; of very many the last ones."""
    first, last = int(min(known)), int(max(known))
    return tuple(str(year) for year in range(max(first, last - MOST_YEARS + 1), last + 1))


def _alt(name: str, bars: Sequence[Bars]) -> str:
    series: list[str] = []
    for one in bars:
        counts: list[str] = []
        for place, year in enumerate(one.years):
            present = [(label, heights[place]) for label, heights in one.parts if heights[place]]
            if len(one.parts) == 1 and present:
                counts.append(f"{year}: {present[0][1]:,}")
            elif present:
                total = sum(height for _, height in present)
                shares = ", ".join(f"{label} {height:,}" for label, height in present)
                counts.append(f"{year}: {total:,} ({shares})")
        series.append(f"{one.title}: {'; '.join(counts) or 'none'}.")
    text = f"Bars for {name}. {' '.join(series)}"
    return text if len(text) <= MAX_ALT else f"{text[: MAX_ALT - 1]}…"


@lru_cache(maxsize=128)
def _draw(bars: tuple[Bars, ...], *, one_scale: bool = False) -> bytes:
    """Draw the panels side by side as a PNG."""
    with _drawing:
        from matplotlib import rc_context  # pyright: ignore[reportUnknownVariableType]
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        with rc_context({"font.family": ["DejaVu Sans"], "hatch.linewidth": 1.6, "hatch.color": _PANEL}):
            figure: Any = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor=_PANEL)
            FigureCanvasAgg(figure)
            widths = [3, 2] if len(bars) == 2 and not one_scale else [1] * len(bars)
            panels: Any = figure.subplots(
                1, len(bars), squeeze=False, sharey=one_scale, gridspec_kw={"width_ratios": widths}
            )[0]
            figure.subplots_adjust(left=0.06, right=0.985, bottom=0.1, top=0.82, wspace=0.16)
            most = max(
                sum(column) for one in bars for column in zip(*(part for _, part in one.parts), strict=True)
            )
            for panel, one in zip(panels, bars, strict=True):
                _panel(panel, one, most if one_scale else None)
            written = io.BytesIO()
            figure.savefig(written, format="png", facecolor=_PANEL)
            return written.getvalue()


def _panel(panel: Any, bars: Bars, most: int | None) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path
    from matplotlib.ticker import MaxNLocator
    from matplotlib.transforms import Affine2D

    panel.set_facecolor(_PANEL)
    panel.set_title(_shown(bars.title), color=_INK, fontsize=9.5, loc="left", pad=20)
    places = range(len(bars.years))
    bottoms = [0] * len(bars.years)
    for number, (label, heights) in enumerate(bars.parts):
        # One patch for all bars of a part: each patch of its own has its pattern drawn anew.
        bars_of_part = [
            Path.unit_rectangle().transformed(
                Affine2D().scale(_BAR, height).translate(place - _BAR / 2, bottom)
            )
            for place, height, bottom in zip(places, heights, bottoms, strict=True)
            if height
        ]
        if not bars_of_part:
            continue
        panel.add_patch(
            PathPatch(
                Path.make_compound_path(*bars_of_part),
                facecolor=_COLOURS[number % len(_COLOURS)],
                hatch=_PATTERNS[number % len(_PATTERNS)],
                edgecolor=_PANEL,
                linewidth=0.8,
                label=_shown(f"{label[:_LONGEST_LABEL]} ({sum(heights):,})"),
            )
        )
        bottoms = [bottom + height for bottom, height in zip(bottoms, heights, strict=True)]
    size = 9 if len(bars.years) <= 10 else 7.5
    for place, total in zip(places, bottoms, strict=True):
        # Many numbers would overlap; only the highest is written.
        if total and (len(bars.years) <= _MOST_NUMBERED or place == bottoms.index(max(bottoms))):
            panel.text(place, total, f"{total:,}", ha="center", va="bottom", color=_INK, fontsize=size - 1)
    step = 1 if len(bars.years) <= 10 else 2
    shown = [place for place in places if (len(bars.years) - 1 - place) % step == 0]
    panel.set_xticks(shown, [_year(bars.years[place], len(bars.years)) for place in shown])
    panel.set_xlim(-0.6, len(bars.years) - 0.4)
    panel.set_ylim(0, max(*bottoms, most or 1, 1) * 1.1)
    panel.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    panel.tick_params(colors=_INK, labelsize=size, length=0)
    panel.grid(axis="y", color=_FAINT, linewidth=0.6)
    panel.set_axisbelow(True)
    for side in panel.spines.values():
        side.set_visible(False)
    if len(bars.parts) > 1:
        panel.legend(
            fontsize=7.5,
            labelcolor=_INK,
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(-0.02, 0.96),
            ncols=len(bars.parts),
            handlelength=1.5,
            columnspacing=0.9,
        )


def _year(year: str, number: int) -> str:
    return year if number <= 6 else f"’{year[2:]}"


def _shown(text: str) -> str:
    """In letters that the font has; a dollar sign begins a formula, and an underscore hides a label."""
    known = all(ord(letter) < _LETTERS_KNOWN or letter in "’–—…" for letter in text)
    return (text if known else anyascii(text)).replace("$", r"\$").lstrip("_")
