"""A till's test with living faces and pictures: sixty tries, judged as the till judges, counts only."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.face.liveness.fixed import Fixed

from willing.audit.models import Entry
from willing.biometrics import engine as engines
from willing.biometrics import picture_tests
from willing.biometrics.memory import tries
from willing.biometrics.picture_models import PictureTest, PictureTestCount
from willing.biometrics.picture_results import (
    TRIES,
    KindResults,
    attempts_done,
    next_try,
    require_finished_test,
    results_of,
    tried_tills,
)
from willing.biometrics.picture_tests import (
    begin_try,
    find_open_test,
    finish_test,
    process_try,
    start_test,
    why_not_testable,
)
from willing.biometrics.school_policy import decide_pictures
from willing.core.errors import Refused
from willing.dpia.actions import set_manual_lock
from willing.people.queries import today
from willing.terminals.models import Terminal

LIVE, DOUBT, PICTURE = 3.0, -1.0, -5.0
KINDS = ("live", "phone", "print", "tablet")


@pytest.fixture
def check(cast: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that installs a check with one score for every face; the school lets it count."""
    decide_pictures(cast.school, "shadow", reason="Tried at the tills", by=cast.user("dpo"))

    def install(score: float, name: str = "fixed") -> None:
        fixed = Fixed(score)
        fixed.name = name
        monkeypatch.setattr(engines, "_pictures", fixed)
        monkeypatch.setattr(engines, "_pictures_fault", "")

    return install


def till_of(cast: Any) -> Terminal:
    return Terminal.objects.select_related("school__face_rules").get(pk=cast.till.pk)


def refusal(deed: Any) -> str:
    with pytest.raises(Refused) as caught:
        deed()
    return caught.value.code


def try_until_it_ends(till: Terminal, shots: Any, kind: str = "") -> str:
    began = begin_try(till, kind)
    for _ in range(40):
        state = process_try(till, began, shots.frame())
        if state.outcome:
            return state.outcome
    raise AssertionError("no answer")


@pytest.mark.face
@pytest.mark.parametrize(("score", "outcome"), [(LIVE, "passed"), (PICTURE, "refused")])
def test_a_try_is_judged_as_the_till_judges_and_leaves_a_count(
    cast: Any, camera: Any, check: Any, score: float, outcome: str
) -> None:
    check(score)
    till = till_of(cast)
    test = start_test(till)
    assert try_until_it_ends(till, camera("person_a_1.jpg"), "phone") == outcome
    assert attempts_done(test) == {("phone", "near"): 1}
    row = PictureTestCount.objects.get()
    assert (row.day, getattr(row, outcome)) == (today(cast.school), 1)
    assert not tries._entries


@pytest.mark.face
def test_in_doubt_a_try_asks_for_a_turn_and_its_time_ends_it(
    cast: Any, camera: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(DOUBT)
    till, shots = till_of(cast), camera("person_a_1.jpg")
    test = start_test(till)
    began = begin_try(till)
    hints = {process_try(till, began, shots.frame()).hint for _ in range(20)}
    assert len(hints & {"turn_left", "turn_right"}) == 1
    monkeypatch.setattr(picture_tests, "SESSION_SECONDS", -1)
    assert process_try(till, began, shots.frame()).outcome == "not_turned"
    assert [(one.errors, one.asked) for one in results_of(test)] == [(1, 1)]


@pytest.mark.face
def test_a_try_without_a_usable_face_is_counted_as_unanswered(
    cast: Any, camera: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(LIVE)
    till = till_of(cast)
    test = start_test(till)
    monkeypatch.setattr(picture_tests, "SESSION_SECONDS", -1)
    assert process_try(till, begin_try(till), b"whatever came").outcome == "unanswered"
    assert results_of(test) == [KindResults("live", 1, 0, 0, 0, 0.0, 1.0)]


@pytest.mark.face
def test_a_till_is_testable_only_where_its_faces_are_checked(
    cast: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(LIVE)
    assert why_not_testable(till_of(cast)) == ""
    monkeypatch.setattr(engines, "_pictures_fault", "not_installed")
    assert why_not_testable(till_of(cast)) == "not_installed"
    decide_pictures(cast.school, "off", reason="Not any more", by=cast.user("dpo"))
    assert why_not_testable(till_of(cast)) == "off"
    assert refusal(lambda: start_test(till_of(cast))) == "till_not_testable"
    set_manual_lock(cast.school, is_locked=True, reason="Asked to", by=cast.user("dpo"))
    assert why_not_testable(till_of(cast)) == "locked"
    Terminal.objects.filter(pk=cast.till.pk).update(takes_face=False)
    assert why_not_testable(till_of(cast)) == "no_face"


def fill(test: PictureTest, *, passed: int = 0, leave: int = 0) -> None:
    """Count all tries but a few: attacks are refused but some phones, every living face passes."""
    for kind in KINDS:
        for distance in ("near", "usual", "far"):
            wrong = passed if (kind, distance) == ("phone", "near") else 0
            fine = 5 - wrong - (leave if (kind, distance) == ("tablet", "far") else 0)
            said = {"passed": fine} if kind == "live" else {"passed": wrong, "refused": fine}
            PictureTestCount.objects.create(
                test=test, day=today(test.terminal.school), kind=kind, distance=distance, **said
            )


@pytest.mark.face
def test_a_test_goes_on_where_it_was_left_and_another_network_begins_a_new_one(cast: Any, check: Any) -> None:
    check(LIVE)
    till = till_of(cast)
    test = start_test(till)
    fill(test, leave=2)
    assert start_test(till) == test
    coming = next_try(test)
    assert coming is not None
    assert (coming.kind, coming.distance, coming.number) == ("tablet", "far", 4)
    assert next_try(test, "phone") is None
    assert refusal(lambda: begin_try(till, "phone")) == "no_such_try"
    check(LIVE, name="another")
    assert find_open_test(till) is None
    assert refusal(lambda: begin_try(till)) == "try_gone"
    assert start_test(till) != test
    test.refresh_from_db()
    assert test.finished_on == today(cast.school)


@pytest.mark.face
def test_two_computers_that_finish_the_last_try_at_once_count_one(cast: Any, camera: Any, check: Any) -> None:
    check(LIVE)
    till, shots = till_of(cast), camera("person_a_1.jpg")
    test = start_test(till)
    fill(test, leave=1)
    began = begin_try(till)
    assert try_until_it_ends(till, shots) == "passed"
    with pytest.raises(Refused, match="try_gone"):
        for _ in range(40):
            process_try(till, began, shots.frame())
    assert sum(attempts_done(test).values()) == TRIES
    assert next_try(test) is None


@pytest.mark.face
def test_a_finished_test_has_the_schools_own_figures_and_a_line_in_the_log(cast: Any, check: Any) -> None:
    check(LIVE)
    till = till_of(cast)
    assert refusal(lambda: finish_test(till, by=cast.user("administrator"))) == "try_gone"
    test = start_test(till)
    assert refusal(lambda: finish_test(till, by=cast.user("administrator"))) == "try_gone"
    assert refusal(lambda: require_finished_test(till, test.pk)) == "test_unknown"
    fill(test, passed=2)
    assert {one.test for one in tried_tills(cast.school)} == {None}
    finish_test(till, by=cast.user("administrator"))
    tried = next(one for one in tried_tills(cast.school) if one.terminal == till)
    assert (tried.test, tried.finished_on) == (test, today(cast.school))
    by_kind = {one.kind: one for one in tried.figures}
    assert list(by_kind) == list(KINDS)
    phone, living = by_kind["phone"], by_kind["live"]
    assert (phone.errors, phone.answered, phone.is_attack) == (2, 15, True)
    assert phone.low == pytest.approx(0.0166, abs=1e-4)
    assert phone.high == pytest.approx(0.4046, abs=1e-4)
    assert (living.errors, living.is_attack) == (0, False)
    assert living.high == pytest.approx(0.2180, abs=1e-4)
    assert [one.errors for one in results_of(test, "near")] == [0, 2, 0, 0]
    [entry] = Entry.objects.filter(event="face.pictures_tested")
    facts = json.loads(bytes(entry.hashed))["facts"]
    assert facts == {
        "terminal": str(till.pk),
        "tries": TRIES,
        "network": "fixed",
        "by": cast.user("administrator").pk,
    }


@pytest.mark.face
def test_the_latest_finished_test_of_a_till_counts(cast: Any, check: Any) -> None:
    check(LIVE)
    till = till_of(cast)
    later = PictureTest.objects.create(
        terminal=till, network="fixed", started_on=today(cast.school), finished_on=today(cast.school)
    )
    before = today(cast.school) - timedelta(days=30)
    PictureTest.objects.create(terminal=till, network="old", started_on=before, finished_on=before)
    assert {one.terminal: one.test for one in tried_tills(cast.school)}[till] == later


@pytest.mark.face
def test_the_database_lets_no_till_have_two_tests_at_once_and_knows_the_kinds(cast: Any, check: Any) -> None:
    check(LIVE)
    test, day = start_test(till_of(cast)), today(cast.school)
    with pytest.raises(IntegrityError), transaction.atomic():
        PictureTest.objects.create(terminal=cast.till, network="fixed", started_on=day)
    for said in ({"kind": "mask", "distance": "near"}, {"kind": "print", "distance": "afar"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PictureTestCount.objects.create(test=test, day=day, **said)
