"""The commands that work without a school."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from willing.face.cli import face
from willing.face.cli_tools import progress
from willing.ops import doctor as doctor_module
from willing.ops.doctor import doctor, examine


@pytest.fixture
def folder(tmp_path: Path, portraits: Path) -> Path:
    for person in ("a", "b"):
        (tmp_path / person).mkdir()
        shutil.copy(portraits / f"person_{person}_1.jpg", tmp_path / person / "one.jpg")
    return tmp_path


def test_identify_prints_one_json_object_a_photograph(folder: Path, portraits: Path) -> None:
    photos = [str(portraits / f"{name}.jpg") for name in ("person_a_2", "person_b_2", "biden")]
    run = CliRunner().invoke(face, ["identify", "--gallery", str(folder), "--json", *photos])
    assert run.exit_code == 0, run.output
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(row["decision"], row["person"]) for row in rows] == [
        ("match", "a"),
        ("match", "b"),
        ("unknown", None),
    ]
    assert [set(row) for row in rows] == [{"photo", "decision", "person", "score", "margin", "ms"}] * 3
    assert [row["photo"] for row in rows] == photos


def test_identify_says_it_in_words_too(folder: Path, portraits: Path) -> None:
    run = CliRunner().invoke(face, ["identify", "--gallery", str(folder), str(portraits / "person_a_2.jpg")])
    assert "person_a_2.jpg: match a (score 0." in run.stdout


def test_unreadable_photographs_are_named_and_fail_the_command(folder: Path, portraits: Path) -> None:
    (folder / "b" / "two.jpg").write_bytes(b"no picture")
    (folder / "c").mkdir()
    (folder / "c" / "one.jpg").write_bytes(b"no picture")
    bad = folder / "bad.jpg"
    bad.write_bytes(b"\xff\xd8 cut")
    arguments = ["identify", "--gallery", str(folder), "--json", str(bad), str(folder / "none.jpg")]
    run = CliRunner().invoke(face, [*arguments, str(portraits / "person_b_2.jpg")])
    assert run.exit_code == 1
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert [row.get("problem") for row in rows] == ["unreadable_image", "unreadable_file", None]
    assert rows[2]["person"] == "b"
    assert "two.jpg: left out, unreadable_image" in run.stderr
    assert "c: not enrolled" in run.stderr


def test_an_empty_gallery_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    run = CliRunner().invoke(face, ["identify", "--gallery", str(tmp_path), "x.jpg"])
    assert run.exit_code == 1
    assert "bad_protocol" in run.stderr


def test_quick_work_shows_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Reading", 3) as advance:
        for _ in range(3):
            advance()
    assert capsys.readouterr().err == ""


def test_slow_work_shows_a_bar_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr("willing.face.cli_tools.time.monotonic", lambda: float(next(clock)))
    with progress("Reading the gallery", 3) as advance:
        for _ in range(3):
            advance()
    assert "Reading the gallery" in capsys.readouterr().err


@pytest.fixture
def no_school(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the doctor look where nothing is set up, whatever the tests' own home holds."""
    monkeypatch.setenv("WILLING_HOME", str(tmp_path / "none"))
    monkeypatch.delenv("WILLING_DATABASE_URL", raising=False)


@pytest.mark.usefixtures("no_school")
def test_doctor_names_weights_processor_and_engine() -> None:
    run = CliRunner().invoke(doctor, ["--json"])
    assert run.exit_code == 0, run.output
    found = {row["name"]: row for row in json.loads(run.stdout)}
    assert found["detector"]["ok"] is True
    assert found["recogniser"]["ok"] is True
    assert found["face engine"]["detail"] == "installed"
    assert "threads" in found["inference"]["detail"]
    assert {"camera", "browser", "processor", "python"} <= set(found)
    assert "ok  python" in CliRunner().invoke(doctor).stdout


@pytest.mark.usefixtures("no_school")
def test_doctor_fails_on_half_an_engine_and_accepts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor_module._version
    monkeypatch.setattr(doctor_module, "_version", lambda name: "" if name == "onnx" else real(name))
    assert CliRunner().invoke(doctor).exit_code == 1
    monkeypatch.setattr(doctor_module, "_version", lambda _: "")
    assert {finding.name: finding.ok for finding in examine()}["face engine"] is None
    assert CliRunner().invoke(doctor).exit_code == 0


def test_doctor_needs_nothing_of_the_engine_to_be_imported() -> None:
    engine = {"numpy", "cv2", "openvino", "onnx"}
    code = f"import willing.ops.doctor, sys; assert not {engine} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
