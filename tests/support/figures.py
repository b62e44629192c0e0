"""What a journey measured, printed; and noted for `python -m benchmarks --only phones`, which has the bounds.

A journey asserts no time: a busy computer would fail what is not broken.
"""

import json
import os
from pathlib import Path

NOTED = "FIGURES_NOTED"


def note_figure(name: str, value: float, unit: str) -> None:
    """Print a figure, and write it into the file that the environment names."""
    print(f"\n{name}: {value:.2f} {unit}")  # noqa: T201
    if file := os.environ.get(NOTED):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(json.dumps({"name": name, "value": value, "unit": unit}) + "\n")
