"""The cache of derived files saves time and can do no harm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from willing.face.inference.file_cache import read_checked, write_checked


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    write_checked(blocked / "below" / "blob", b"body")
    assert read_checked(blocked / "below" / "blob") is None


START = """
from willing.face import Engine
import numpy as np
print(Engine.from_default_weights().embed(np.full((112, 112, 3), 90, np.uint8)).vector[0])
"""


@pytest.mark.whole
def test_two_processes_that_start_at_once_share_the_cache(cache: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    answers = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0, 0]
    assert len(answers) == 1
    assert not list(cache.glob("*.part"))
