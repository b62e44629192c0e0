"""Pictures held up to a till: counted first, then refused as a stranger is; numbers only."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.face.liveness.fixed import Fixed
from tests.face.liveness.warmth import write_warmth
from tests.support.camera import look
from tests.support.card_faces import enrol_with_card, look_with_card, pair_as_kiosk

from willing.audit.models import Entry
from willing.biometrics import card_processes
from willing.biometrics import engine as engines
from willing.biometrics.face_sessions import close_overdue_sessions
from willing.biometrics.memory import searches, watches
from willing.biometrics.models import FacePolicy
from willing.biometrics.picture_models import PictureDay
from willing.biometrics.pictures import PictureSums, picture_sums
from willing.biometrics.queries import find_face_policy
from willing.biometrics.school_policy import decide_kinds, decide_pictures
from willing.core import clock
from willing.core.errors import Refused
from willing.core.paths import home
from willing.face.liveness.weights import install
from willing.ops.health_pictures import pictures_detected
from willing.people.models import School
from willing.people.queries import today
from willing.till.baskets import add_product, cancel_basket
from willing.till.face_identification import open_face_session, stop_session, submit_frame
from willing.till.identification import identify_by_card

pytestmark = pytest.mark.face
LIVE, DOUBT, PICTURE = 3.0, -1.0, -5.0


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that installs a check which gives every face the same score."""

    def install(score: float) -> None:
        monkeypatch.setattr(engines, "_pictures", Fixed(score))
        monkeypatch.setattr(engines, "_pictures_fault", "")

    return install


def decide(cast: Any, *steps: str) -> None:
    for step in steps:
        decide_pictures(cast.school, step, reason="Tried at the tills", by=cast.user("dpo"))


def counted() -> list[tuple[bool, int, int, int, int, int]]:
    rows = PictureDay.objects.order_by("acts")
    return [(row.acts, row.live, row.turned, row.not_turned, row.picture, row.doubt) for row in rows]


def test_until_the_school_has_decided_nothing_is_checked_and_nothing_counted(
    cast: Any, enrol: Any, camera: Any, check: Any
) -> None:
    check(PICTURE)
    enrol("Ada", "person_a_2.jpg")
    assert look(cast, camera("person_a_1.jpg")).session.state == "matched"
    assert counted() == []


@pytest.mark.parametrize(
    ("score", "row"),
    [
        (LIVE, (False, 1, 0, 0, 0, 0)),
        (DOUBT, (False, 0, 0, 0, 0, 1)),
        (PICTURE, (False, 0, 0, 0, 1, 0)),
    ],
)
def test_the_shadow_counts_and_everybody_pays(
    cast: Any, enrol: Any, camera: Any, check: Any, score: float, row: tuple[Any, ...]
) -> None:
    check(score)
    decide(cast, "shadow")
    enrol("Ada", "person_a_2.jpg")
    basket, session = look(cast, camera("person_a_1.jpg"))
    assert (session.state, basket.person) == ("matched", cast.person("Ada"))
    assert counted() == [row]


def test_where_it_acts_a_living_person_pays(cast: Any, enrol: Any, camera: Any, check: Any) -> None:
    check(LIVE)
    decide(cast, "shadow", "acting")
    enrol("Ada", "person_a_2.jpg")
    assert look(cast, camera("person_a_1.jpg")).session.state == "matched"
    assert counted() == [(True, 1, 0, 0, 0, 0)]


@pytest.mark.parametrize("has_card", [False, True])
def test_where_it_acts_a_picture_leaves_what_a_stranger_leaves(
    cast: Any, enrol: Any, camera: Any, check: Any, has_card: bool
) -> None:
    check(PICTURE)
    decide(cast, "shadow", "acting")
    enrol("Ada", "person_a_2.jpg")
    traces = []
    for portrait in ("person_a_1.jpg", "impostor_1.jpg"):
        if has_card:
            identify_by_card(cast.till, add_product(cast.till, cast.meal).id, cast.cards["Ada"])
        basket, session = look(cast, camera(portrait), key=portrait)
        entry = Entry.objects.filter(event="face.session_closed").latest("sequence")
        facts = json.loads(bytes(entry.hashed))["facts"]
        del facts["session"]
        named = cast.person("Ada") if has_card else None
        assert basket.person == named
        traces.append((session.state, session.person, basket.way, facts, entry.personal_json))
        cancel_basket(cast.till, basket.id)
    assert traces[0] == traces[1]
    # A stranger is named by nobody, so only the picture was counted: on no person, by till and day.
    assert counted() == [(True, 0, 0, 0, 1, 0)]


def test_a_picture_that_is_taken_away_before_its_answer_is_counted(
    cast: Any, enrol: Any, camera: Any, check: Any
) -> None:
    check(PICTURE)
    decide(cast, "shadow", "acting")
    enrol("Ada", "person_a_2.jpg")
    shots = camera("person_a_1.jpg")
    session = open_face_session(cast.till, add_product(cast.till, cast.meal).id, key="1")
    seen = 0
    while seen < 3:  # enough for the check, and one too few for a stranger's answer
        answer = submit_frame(cast.till, session.id, shots.frame())
        assert answer.state == "looking"
        seen += answer.hint == "ok"
    after = clock.now() + timedelta(seconds=9)
    with clock.running(lambda: after):
        assert close_overdue_sessions() == 1
    assert counted() == [(True, 0, 0, 0, 1, 0)]


def test_in_doubt_the_till_asks_for_a_turn_and_a_stop_counts_nothing(
    cast: Any, enrol: Any, camera: Any, check: Any
) -> None:
    check(DOUBT)
    decide(cast, "shadow", "acting")
    enrol("Ada", "person_a_2.jpg")
    basket = add_product(cast.till, cast.meal)
    session = open_face_session(cast.till, basket.id, key="1")
    shots = camera("person_a_1.jpg")
    hints = {submit_frame(cast.till, session.id, shots.frame()).hint for _ in range(12)}
    assert len(hints & {"turn_left", "turn_right"}) == 1
    stop_session(cast.till, session.id)
    assert searches.find(session.id) is None
    assert watches.find(session.id) is None
    assert counted() == []


def test_the_days_numbers_add_up_by_till(cast: Any, enrol: Any, camera: Any, check: Any) -> None:
    check(LIVE)
    decide(cast, "shadow")
    enrol("Ada", "person_a_2.jpg")
    for key in "12":
        basket = look(cast, camera("person_a_1.jpg"), key=key).basket
        cancel_basket(cast.till, basket.id)
    assert picture_sums(cast.school, today(cast.school)) == [PictureSums(cast.till.name, 2, 2, 0, 0)]
    assert picture_sums(cast.school, today(cast.school) + timedelta(days=1)) == []


def test_without_a_network_the_check_is_off_whatever_was_decided(
    cast: Any, enrol: Any, camera: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_pictures", None)
    monkeypatch.setattr(engines, "_pictures_fault", "not_looked_for")
    decide(cast, "shadow", "acting")
    enrol("Ada", "person_a_2.jpg")
    assert look(cast, camera("person_a_1.jpg")).session.state == "matched"
    assert engines.picture_check_fault() == "not_installed"
    assert counted() == []


def test_the_installed_network_is_found_and_a_changed_one_is_not_used(
    cast: Any, camera: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home() / "liveness"
    folder.mkdir(parents=True)
    content = write_warmth(folder / "draft.onnx").read_bytes()
    monkeypatch.setattr(engines, "_pictures", None)
    monkeypatch.setattr(engines, "_pictures_fault", "not_looked_for")
    installed = install(content, sha256=hashlib.sha256(content).hexdigest(), folder=folder)
    found = engines.picture_check()
    assert found is not None
    assert found.name == installed.sha256[:16]
    installed.path.write_bytes(b"something else")
    monkeypatch.setattr(engines, "_pictures", None)
    monkeypatch.setattr(engines, "_pictures_fault", "not_looked_for")
    assert engines.picture_check() is None
    assert engines.picture_check_fault() == "model_mismatch"


def test_only_the_officer_decides_with_a_reason_and_it_counts_before_it_acts(cast: Any) -> None:
    def refused(check: str, reason: str, role: str) -> str:
        with pytest.raises(Refused) as caught:
            decide_pictures(cast.school, check, reason=reason, by=cast.user(role))
        return caught.value.code

    assert refused("shadow", "why", "office") == "not_the_dpo"
    assert refused("shadow", "  ", "dpo") == "reason_missing"
    assert refused("acting", "why", "dpo") == "pictures_count_first"
    decide(cast, "off")
    assert not Entry.objects.filter(event="face.pictures_decided").exists()
    decide(cast, "shadow", "shadow", "acting", "off")
    entries = Entry.objects.filter(event="face.pictures_decided").order_by("sequence")
    assert [json.loads(bytes(one.hashed))["facts"]["pictures"] for one in entries] == [
        "shadow",
        "acting",
        "off",
    ]
    rules = find_face_policy(cast.school)
    assert rules is not None
    assert (rules.pictures, rules.pictures_reason) == ("off", "Tried at the tills")


def test_the_database_holds_to_the_rules_too(cast: Any) -> None:
    decide(cast, "shadow")
    for change in ({"pictures_reason": ""}, {"pictures_by": None}, {"pictures": "maybe"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FacePolicy.objects.update(**change)
    for numbers in ({"acts": True, "doubt": 1}, {"acts": False, "turned": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PictureDay.objects.create(terminal=cast.till, day=today(cast.school), **numbers)


def test_health_names_a_decision_that_no_network_carries_out(
    cast: Any, check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said() -> list[tuple[str, bool]]:
        school = School.objects.get()
        return [(one.code, one.is_ok) for one in pictures_detected(school)]

    assert said() == []
    check(LIVE)
    decide(cast, "shadow")
    assert said() == [("pictures", True)]
    decide(cast, "acting")
    assert said() == [("pictures", True), ("pictures_tested", False)]
    monkeypatch.setattr(engines, "_pictures_fault", "not_installed")
    assert said() == [("pictures", False)]


@pytest.mark.parametrize(
    ("score", "state", "row"),
    [(LIVE, "matched", (True, 1, 0, 0, 0, 0)), (PICTURE, "unknown", (True, 0, 0, 0, 1, 0))],
)
def test_a_face_that_only_the_card_opens_is_watched_alike(
    cast: Any, camera: Any, check: Any, score: float, state: str, row: tuple[Any, ...]
) -> None:
    check(score)
    decide(cast, "shadow", "acting")
    pair_as_kiosk()
    decide_kinds(cast.school, "both", by=cast.user("dpo"))
    try:
        held = enrol_with_card(cast, camera)
        assert look_with_card(cast, camera("person_a_1.jpg"), held.share).state == state
    finally:
        card_processes.close_all()
    assert counted() == [row]
