"""A folder of portraits as a school would put it together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.face.evaluation.people import PEOPLE


@pytest.fixture
def folder(tmp_path: Path, portraits: Path) -> Path:
    """Return a folder with one folder of portraits per person."""
    root = tmp_path / "people"
    for person, names in PEOPLE.items():
        (root / person).mkdir(parents=True)
        for index, name in enumerate(names, 1):
            shutil.copy(portraits / f"{name}.jpg", root / person / f"{person}_{index:04d}.jpg")
    return root
