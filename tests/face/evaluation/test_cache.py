"""A folder that was read is kept sealed, and reading it goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from willing.face import BadSecret, Engine, SealBroken
from willing.face.cli import face as commands
from willing.face.evaluation.cache import TemplateCache, load_key
from willing.face.evaluation.cli import read_samples


@pytest.mark.whole
def test_enrolling_a_folder_is_resumed_and_sealed(folder: Path, tmp_path: Path, engine: Engine) -> None:
    held = tmp_path / "templates.jsonl"
    first = CliRunner().invoke(commands, ["enrol", str(folder), "--cache", str(held), "--json"])
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout) == {"photographs": 8, "enrolled": 8, "failures": 0, "failed": []}
    lines = held.read_text().splitlines()
    # A crash in the middle of a line, and one line lost: both are done again, the others are not.
    held.write_text("\n".join(lines[:5]) + "\n" + lines[5][:40])
    read: list[int] = []
    samples = read_samples(folder, _counting(engine, read), held)
    assert len(samples) == 8
    assert len(read) == 3
    assert held.read_text().count("\n") == 8
    fresh = read_samples(folder, engine)
    for kept, new in zip(samples, fresh, strict=True):
        assert (kept.person, kept.name) == (new.person, new.name)
        assert kept.template is not None
        assert new.template is not None
        assert np.abs(kept.template.vector - new.template.vector).max() < 1e-6
    assert (
        CliRunner()
        .invoke(commands, ["enrol", str(folder), "--cache", str(held)])
        .output.startswith("photographs 8")
    )


def _counting(engine: Engine, read: list[int]) -> Engine:
    class Counting:
        model_id = engine.model_id

        def portrait(self, image: bytes) -> object:
            read.append(len(image))
            return engine.portrait(image)

    return Counting()  # type: ignore[return-value]


def test_a_cache_opens_with_its_own_key_only(folder: Path, tmp_path: Path, engine: Engine) -> None:
    held = tmp_path / "templates.jsonl"
    read_samples(folder, engine, held)
    key = tmp_path / "templates.jsonl.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(load_key(key)) == 32
    with pytest.raises(SealBroken):
        TemplateCache(held, bytes(32), engine.model_id).read()
    held.write_text(held.read_text().replace('"sealed": "', '"sealed": "*', 1))
    with pytest.raises(SealBroken):
        TemplateCache(held, load_key(key), engine.model_id).read()
    key.write_bytes(b"short")
    with pytest.raises(BadSecret):
        load_key(key)
