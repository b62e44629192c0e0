"""The commands that measure: figures for people and programs, and a page that needs nothing from outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.face.evaluation.people import PAIRS, PEOPLE, Make, made_up

from willing.face.cli import face as commands

# As where plotly is not installed: importing it fails.
WITHOUT_PLOTLY = """
import sys
sys.modules["plotly"] = None
from willing.face.cli import face
face(["evaluate", sys.argv[1], "--protocol", "open-set", "--references", "1", "--json"])
"""


def test_the_command_prints_json_and_writes_a_page_without_outside_assets(
    folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "out.html"
    arguments = ["evaluate", str(folder), "--protocol", "open-set", "--references", "1", "--json"]
    run = CliRunner().invoke(commands, [*arguments, "--report", str(page)])
    assert run.exit_code == 0, run.output
    numbers = json.loads(run.stdout)
    assert (numbers["people"], numbers["mated"], numbers["non_mated"]) == (2, 4, 2)
    assert numbers["rank1"]["errors"] == 0
    text = page.read_text()
    assert "Detection error trade-off" in text
    assert "<script src" not in text
    assert "<link" not in text
    assert not any(person in text.split("</style>")[1].split("<script")[0] for person in PEOPLE)


@pytest.mark.whole
def test_the_commands_speak_to_people_too(folder: Path, tmp_path: Path) -> None:
    listed, page = tmp_path / "pairs.txt", tmp_path / "pairs.html"
    listed.write_text(PAIRS)
    base = ["evaluate", str(folder), "--protocol"]
    run = CliRunner().invoke(commands, [*base, "pairs", "--pairs", str(listed), "--report", str(page)])
    assert "6 pairs: 100.00% right" in run.output
    assert "Pairs" in page.read_text()
    assert json.loads(CliRunner().invoke(commands, [*base, "pairs", "--pairs", str(listed), "--json"]).stdout)
    assert "rank 1: 100.00%" in CliRunner().invoke(commands, [*base, "open-set", "--references", "1"]).output
    assert CliRunner().invoke(commands, [*base, "pairs"]).exit_code == 2
    assert "bad_protocol" in CliRunner().invoke(commands, [*base, "held-out"]).output


def test_a_report_without_plotly_is_refused_by_name_before_any_photograph_is_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    monkeypatch.setattr(
        "willing.face.evaluation.cli.read_samples", lambda *_, **__: pytest.fail("photographs were read")
    )
    page = tmp_path / "out.html"
    arguments = ["evaluate", str(folder), "--protocol", "open-set", "--report", str(page)]
    run = CliRunner().invoke(commands, arguments)
    assert run.exit_code == 1
    assert "plotly" in run.output
    assert "pip install 'willing[evaluate]'" in run.output
    assert "[package_missing]" in run.output
    assert not page.exists()


@pytest.mark.whole
def test_the_engine_and_the_figures_need_no_plotly(folder: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_PLOTLY, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["people"] == 2


def test_splits_are_printed_together_for_people_and_for_programs(
    folder: Path, at_cosine: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = [*made_up(at_cosine, 120, 4), *made_up(at_cosine, 300, 1, start=50_000)]
    monkeypatch.setattr("willing.face.evaluation.cli.read_samples", lambda *_, **__: samples)
    arguments = ["evaluate", str(folder), "--protocol", "held-out", "--splits", "2"]
    assert "2 splits" in CliRunner().invoke(commands, arguments).output
    rows = json.loads(CliRunner().invoke(commands, [*arguments, "--json"]).stdout)
    assert [(row["fpir_asked"], row["splits"]) for row in rows] == [(0.01, 2), (0.003, 2), (0.001, 2)]
