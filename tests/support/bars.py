"""Bars of Code 128 (ISO/IEC 15417) read from a drawn page, line by line, as a laser reads them.

The widths of bars and spaces are written here once more, by the standard: what draws them is not asked.
"""

import numpy as np
from numpy.typing import NDArray

# Of each of the 106 values bar, space, bar, space, bar, space, in modules; eleven in all.
WIDTHS = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132
122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212
322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311
112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321
331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214
112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113
411311 113141 114131 311141 411131 211412 211214 211232
"""
VALUES = {tuple(map(int, one)): value for value, one in enumerate(WIDTHS.split())}
START_B, CODE_B, CODE_C, START_C = 104, 100, 99, 105
STOP = (2, 3, 3, 1, 1, 1, 2)
DARK_MAX = 128


def read_bars(page: NDArray[np.uint8]) -> set[str]:
    """Return every text that a line across a drawn page (height x width, grey) holds in bars."""
    found: set[str] = set()
    for line in page[::4]:
        found.update(_read_line(line < DARK_MAX))
    return found


def _read_line(dark: NDArray[np.bool_]) -> list[str]:
    edges = np.flatnonzero(np.diff(dark.astype(np.int8))) + 1
    if dark[0]:
        edges = np.insert(edges, 0, 0)
    runs = np.diff(edges).tolist()  # from the first dark run on, dark and light by turns
    texts = (_read_from(runs, at) for at in range(0, len(runs), 2))
    return [text for text in texts if text]


def _value(runs: list[int], at: int) -> int | None:
    widths = runs[at : at + 6]
    module = sum(widths) / 11
    return VALUES.get(tuple(round(one / module) for one in widths)) if len(widths) == 6 else None


def _read_from(runs: list[int], at: int) -> str:
    """Return the text that begins at a run, its check character tried, or "" where none does."""
    values = []
    while (value := _value(runs, at)) is not None:
        values.append(value)
        at += 6
    end = runs[at : at + 7]
    module = sum(end) / 13 if end else 1
    if len(values) < 3 or values[0] not in (START_B, START_C):
        return ""
    if tuple(round(one / module) for one in end) != STOP:
        return ""
    *content, check = values
    weighed = content[0] + sum(place * value for place, value in enumerate(content[1:], start=1))
    return _text(content) if weighed % 103 == check else ""


def _text(content: list[int]) -> str:
    said, by_pairs = "", content[0] == START_C
    for value in content[1:]:
        if value == (CODE_B if by_pairs else CODE_C):
            by_pairs = not by_pairs
        else:
            said += f"{value:02}" if by_pairs else chr(value + 32)
    return said
