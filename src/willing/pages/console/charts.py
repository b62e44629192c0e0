"""Charts as inline SVG, in whole units of a drawing that the browser scales. No script, no inline style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 340
BAR_ROW, BAR_TOP, BAR_HEIGHT = 34, 20, 8
COLUMNS_HEIGHT, GAP = 120, 1
BARS_MAX, LABEL_CHARS_MAX, COLUMNS_MAX = 12, 30, 93


@dataclass(frozen=True)
class Bar:
    """One bar: its rectangle, and the text above it with the value at the right end."""

    label: str
    text: str
    x: int
    y: int
    width: int
    height: int

    @property
    def text_y(self) -> int:
        """Where the text is, in units of the drawing."""
        return self.y - 6


@dataclass(frozen=True)
class Chart:
    """A drawing with a title and a description for those who do not see it; the table says the rest."""

    title: str
    description: str
    height: int
    bars: tuple[Bar, ...]
    width: int = WIDTH


def horizontal(title: str, description: str, rows: Sequence[tuple[str, str, int]]) -> Chart | None:
    """Draw the largest values of rows (label, value as text, value) in their order; None for none above 0."""
    kept = sorted(sorted(range(len(rows)), key=lambda place: -rows[place][2])[:BARS_MAX])
    most = max((row[2] for row in rows), default=0)
    if most <= 0:
        return None
    bars = tuple(
        Bar(
            _short(rows[at][0]), rows[at][1], 0, row * BAR_ROW + BAR_TOP, _part(rows[at][2], most), BAR_HEIGHT
        )
        for row, at in enumerate(kept)
    )
    return Chart(title, description, len(bars) * BAR_ROW, bars)


def days(title: str, description: str, sums: Mapping[date, int]) -> Chart | None:
    """Draw a column for each day from the first to the last; None for fewer than two or more than fit."""
    if len(sums) < 2:
        return None
    first, last = min(sums), max(sums)
    count = (last - first).days + 1
    most = max(sums.values())
    if count > COLUMNS_MAX or most <= 0:
        return None
    step = WIDTH // count
    bars = []
    for place in range(count):
        height = COLUMNS_HEIGHT * sums.get(first + timedelta(days=place), 0) // most
        bars.append(Bar("", "", place * step, COLUMNS_HEIGHT - height, max(step - GAP, 1), height))
    return Chart(title, description, COLUMNS_HEIGHT, tuple(bars), step * count)


def _part(value: int, most: int) -> int:
    return max(WIDTH * max(value, 0) // most, 1)


def _short(label: str) -> str:
    return label if len(label) <= LABEL_CHARS_MAX else f"{label[: LABEL_CHARS_MAX - 1]}…"
