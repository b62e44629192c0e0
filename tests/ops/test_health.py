"""Health: what is wrong stands first, in both languages, for those who can do something about it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from tests.support.signing import sign_in

from willing import __version__
from willing.ops import health
from willing.ops.health import Condition, conditions, has_fault
from willing.ops.health_computer import record_copies, versions
from willing.ops.upgrade_log import ROLLED_BACK, UPGRADED, record_upgrade, versions_run
from willing.people.models import School


def wrong(_school: School) -> Iterator[Condition]:
    yield Condition("battery", False, "Battery", "The battery is empty: charge it.")


def _broken_disk(_school: School) -> Iterator[Condition]:
    raise DatabaseError("a name that must not be shown")
    yield


def test_a_school_in_order_has_no_fault(cast: Any) -> None:
    assert not has_fault(cast.school)
    assert "retention_job" in {one.code for one in conditions(cast.school)}


def test_a_check_that_breaks_is_a_fault_and_hides_no_other(
    cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECKS", (_broken_disk, wrong))
    found = conditions(cast.school)
    assert [(one.code, one.is_ok) for one in found] == [("broken_disk", False), ("battery", False)]
    assert "DatabaseError" in found[0].detail
    assert "name" not in found[0].detail


@pytest.mark.parametrize("role", ["administrator", "office", "dpo"])
def test_the_page_lists_faults_and_the_front_page_says_them(
    cast: Any, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    sign_in(client, cast.user(role))
    assert "Everything is in order." in client.get("/staff/health/").content.decode()
    monkeypatch.setattr(health, "CHECKS", (wrong,))
    for page in ("/staff/health/", "/"):
        assert "The battery is empty: charge it." in client.get(page).content.decode()
    chinese = client.get("/staff/health/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "运行状况" in chinese


@pytest.mark.parametrize("who", ["cashier", "canteen", "guardian", "outsider"])
def test_nobody_else_reads_it(cast: Any, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECKS", (wrong,))
    client = Client()
    sign_in(client, cast.user(who))
    assert client.get("/staff/health/").status_code == 403
    assert "battery" not in client.get("/", follow=True).content.decode()


def test_health_says_which_version_runs_since_when_and_how_old_the_copies_were(cast: Any) -> None:
    [plain] = versions_run(cast.school)
    assert (plain.code, plain.is_ok) == ("versions", True)
    assert plain.detail == ", ".join(versions().values())
    assert __version__ in plain.detail
    record_copies(cast.school, [1, 2])
    record_upgrade(UPGRADED, "0.1.0", "0.2.0")
    [upgraded] = versions_run(cast.school)
    assert "Upgraded from 0.1.0 to 0.2.0 on " in upgraded.detail
    assert "Newest copies: " in upgraded.detail
    record_upgrade(ROLLED_BACK, "0.2.0", "0.1.0")
    [back] = versions_run(cast.school)
    assert "Version 0.2.0 was taken back for 0.1.0 on " in back.detail
    assert "Upgraded" not in back.detail
    assert any(one.code == "versions" for one in conditions(cast.school)), "Health has it"


WATCHED = {"copies", "retention_job", "disk", "keys", "clock", "threads", "mail", "versions"}


def test_each_thing_that_an_operator_watches_is_on_health_whether_or_not_it_is_in_order(cast: Any) -> None:
    assert WATCHED - {one.code for one in conditions(cast.school)} == set()
