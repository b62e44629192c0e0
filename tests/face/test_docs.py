"""The reference names what there is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import willing.face
from willing.face import FaceError, Hint, inference
from willing.face.cli import face

DOCS = Path(__file__).resolve().parents[2] / "docs"
REFERENCE = (DOCS / "reference" / "face.md").read_text()
INFERENCE = (DOCS / "develop" / "inference.md").read_text()


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


def test_every_part_of_inference_is_explained_and_every_name_there_exists() -> None:
    table = INFERENCE[: INFERENCE.index("## The quantiser")]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, re.MULTILINE)
    assert {module for module, _ in rows} == {
        found.name for found in pkgutil.iter_modules(inference.__path__)
    }
    for module, text in rows:
        held = importlib.import_module(f"willing.face.inference.{module}")
        for name in re.findall(r"`(\w+)`", text):
            assert hasattr(held, name), f"{module}.{name}"
    for module, name in re.findall(r"`(weights|folding|graph)\.(\w+)`", INFERENCE):
        assert hasattr(importlib.import_module(f"willing.face.inference.{module}"), name)


def test_every_public_name_exists() -> None:
    assert all(hasattr(willing.face, name) for name in willing.face.__all__)
    assert len(willing.face.__all__) == len(set(willing.face.__all__))
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        willing.face.Nothing  # noqa: B018


def test_each_public_name_comes_from_where_the_types_say() -> None:
    source = Path(willing.face.__file__).read_text(encoding="utf-8")
    imported = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.ImportFrom)]
    typed: dict[str, list[str]] = {}
    for one in imported:
        if str(one.module).startswith("willing.face."):
            home = str(one.module).removeprefix("willing.face.")
            typed.setdefault(home, []).extend(name.name for name in one.names)
    assert {home: list(names) for home, names in willing.face.HOMES.items()} == typed


def test_no_public_name_is_a_modules_too() -> None:
    # Importing the module would put it in the name's place.
    modules = {found.name for found in pkgutil.iter_modules(willing.face.__path__)}
    assert not modules & set(willing.face.__all__)
