"""mypy reads every test, none by exception."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_mypy_reads_every_test() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert "tests" in settings["packages"]
    silent = [one["module"] for one in settings["overrides"] if one.get("ignore_errors")]
    assert silent == ["willing.*.migrations.*"]
    assert settings["exclude"] == ["migrations/"]
