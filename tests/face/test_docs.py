"""The reference names what there is."""

from __future__ import annotations

from pathlib import Path

import willing.face
from willing.face import FaceError, Hint
from willing.face.cli import face

REFERENCE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "face.md").read_text()


def test_every_error_and_its_code_are_in_the_reference() -> None:
    for error in FaceError.__subclasses__():
        assert f"`{error.__name__}`" in REFERENCE
        assert f"`{error.code}`" in REFERENCE


def test_error_codes_are_distinct() -> None:
    codes = [error.code for error in FaceError.__subclasses__()]
    assert len(set(codes)) == len(codes)


def test_every_hint_and_command_is_in_the_reference() -> None:
    for hint in Hint:
        assert f"`{hint}`" in REFERENCE
    for command in face.commands:
        assert f"willing face {command}" in REFERENCE


def test_every_public_name_exists() -> None:
    assert all(hasattr(willing.face, name) for name in willing.face.__all__)
    assert len(willing.face.__all__) == len(set(willing.face.__all__))
