"""/metrics: what Health knows in numbers, for whoever has the operator's token, with nobody in it."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from willing.core import clock
from willing.core.environment import read_token
from willing.ops import health, health_computer
from willing.ops.health import Condition, conditions
from willing.ops.health_computer import copies_taken, disk_has_room, record_copies
from willing.people.models import School

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def monitor(settings: Any) -> Client:
    settings.METRICS_TOKEN = TOKEN
    return Client(headers={"authorization": f"Bearer {TOKEN}"})


def read(monitor: Client) -> dict[tuple[str, str], float]:
    """Return each value by its name and check, as Prometheus's own parser reads them."""
    answer = monitor.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (one.name, one.labels.get("check", "")): one.value for family in families for one in family.samples
    }


def test_without_a_token_there_is_no_such_page_and_with_another_it_says_nothing(
    db: Any, settings: Any
) -> None:
    for given in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}"}):
        assert Client(headers=given).get("/metrics").status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for wrong in ("", "Bearer ", f"Bearer {TOKEN[1:]}", TOKEN, f"Basic {TOKEN}", "Bearer \xff"):
        answer = Client(headers={"authorization": wrong}).get("/metrics")
        assert (answer.status_code, answer.content) == (401, b"")


def test_every_check_of_health_is_in_it_and_a_fault_is_a_zero(
    cast: Any, monitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read(monitor)
    assert {check for name, check in found if name == "willing_condition_ok"} == {
        one.code for one in conditions(cast.school)
    }
    assert found["willing_condition_ok", "keys"] == 1
    assert found["willing_info", ""] == 1
    assert found["willing_disk_size_bytes", ""] >= found["willing_disk_free_bytes", ""] > 0

    def two(_school: School) -> Iterator[Condition]:
        yield Condition("printer", False, "One", "")
        yield Condition("printer", True, "Two", "")

    monkeypatch.setattr(health, "CHECKS", (two,))
    assert read(monitor)["willing_condition_ok", "printer"] == 0


def test_nobody_and_no_till_is_in_it(cast: Any, monitor: Client) -> None:
    said = monitor.get("/metrics").content.decode()
    names = [cast.school.name, cast.till.name, *cast.cards, *cast.cards.values()]
    assert [one for one in names if one in said] == []


def test_the_age_of_copies_is_counted_from_the_last_ones(cast: Any, monitor: Client) -> None:
    assert ("willing_copies_age_seconds", "") not in read(monitor)
    record_copies(cast.school, [1, 2])
    hour = clock.now() + timedelta(hours=1)
    with clock.running(lambda: hour):
        assert 3590 < read(monitor)["willing_copies_age_seconds", ""] < 3700


def test_a_school_without_new_copies_for_a_day_and_a_half_is_told(cast: Any) -> None:
    def said(hours: float) -> tuple[bool, str]:
        then = clock.now() + timedelta(hours=hours)
        with clock.running(lambda: then):
            [condition] = copies_taken(cast.school)
        return condition.is_ok, condition.detail

    assert said(1) == (True, "None was made yet. The operator runs “willing backup take” every night.")
    assert said(37)[0] is False
    record_copies(cast.school, [1, 2])
    assert said(35)[0] is True
    assert said(37)[0] is False
    assert "Last made on" in said(37)[1]


def test_a_disk_that_is_almost_full_is_a_fault(cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, is_ok in ((health_computer.FREE_BYTES_MIN, True), (health_computer.FREE_BYTES_MIN - 1, False)):
        usage = type("Usage", (), {"free": free})
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, usage=usage: usage)
        [condition] = disk_has_room(cast.school)
        assert condition.is_ok is is_ok


@pytest.mark.parametrize("wrong", ["short", "x" * 31, "x" * 31 + "é", "x" * 20 + " " + "x" * 20])
def test_a_token_that_can_be_guessed_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("WILLING_METRICS_TOKEN", wrong)
    with pytest.raises(ImproperlyConfigured, match="WILLING_METRICS_TOKEN must be 32 or more"):
        read_token("WILLING_METRICS_TOKEN")
