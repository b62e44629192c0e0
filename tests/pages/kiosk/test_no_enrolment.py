"""A parent ticked no and the dinner staff enrolled the child: here that can't be done."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from tests.config.test_access import patterns
from tests.pages.kiosk.test_access import at
from tests.support.signing import sign_in

SOURCE = Path(__file__).resolve().parents[2] / "src" / "willing"
DEEDS = {"enrol", "start_capture", "add_capture_frame", "finish_capture"}


@pytest.mark.parametrize("room", ["till", "kiosk", "api"])
def test_enrolment_is_never_possible_at_a_till(room: str) -> None:
    names = {
        getattr(node, "attr", getattr(node, "id", ""))
        for path in (SOURCE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert not DEEDS & names


def test_only_the_offices_desk_has_an_address_for_it(cast: Any) -> None:
    found = [path for path, _ in patterns(get_resolver()) if "enrol" in path or "capture" in path]
    assert found
    assert all(path.startswith("staff/enrol/") for path in found)
    assert sign_in(Client(), cast.user("cashier")).get("/staff/enrol/").status_code == 403
    document = Client().get("/api/v1/openapi.json").content.decode()
    assert "enrol" not in document.lower().replace("is_enrolled", "")


def test_the_cashiers_half_says_what_the_other_ways_are(cast: Any) -> None:
    assert "Nobody needs to use their face to eat" in at(cast.till, cast).get("/till/").content.decode()
