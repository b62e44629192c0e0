"""Fuses: numbers that say a face is no free choice switch it off, on a morning, until the officer decides."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from tests.support.clocks import monday_ahead, stopped_at
from tests.support.till import give_face, pay, pay_by_face, recognise
from tests.support.unlock import consider_risks

from willing.audit.models import Entry
from willing.biometrics.models import Template
from willing.biometrics.picture_models import PictureDay, PictureTest, PictureTestCount
from willing.biometrics.queries import find_permitted, usable_template
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.core.dates import write_day
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.credentials.cards import issue_card
from willing.credentials.models import Card
from willing.documents import fuses
from willing.documents.actions import read_dpia, sign_dpia
from willing.documents.dpia_content import live_dpia
from willing.documents.fuses import findings, uses_by_class, weigh, weigh_here
from willing.dpia.actions import Consultation, freeze, record_consultation
from willing.dpia.fuse_models import Fuse
from willing.dpia.fuse_rules import Bounds, FuseKind
from willing.dpia.fuses import FuseFinding, decide_fuse, replay_blown, set_bounds, signed_bounds
from willing.dpia.queries import blown_fuse_for, lock_of
from willing.ops.health_fuses import fuses_whole
from willing.people.models import Person, YearGroup
from willing.people.persons import NewPerson, add_person
from willing.people.queries import today
from willing.people.school import create_school
from willing.till.models import Sale
from willing.till.sold_models import SalesCounted, SoldDay

# A Monday; nobody has set a calendar, so every day has school.
MORNING = monday_ahead(6)
DAY = timedelta(days=1)
PUPILS, CLASS = 12, "9Z"
PARTS = ("wallet_minor", "entitled_minor", "carried_minor")


@pytest.fixture
def at(cast: Any) -> Iterator[Any]:
    """Return the school on a morning on which its assessment was just signed."""
    with stopped_at(MORNING - 30 * DAY):
        sign(cast)
    with stopped_at(MORNING):
        yield cast


def sign(cast: Any) -> None:
    consider_risks(cast.school, cast.user("dpo"))
    content = live_dpia(cast.school)
    read_dpia(cast.school, read_sha256=freeze(content)[1], by=cast.user("dpo"))
    review = today(cast.school) + timedelta(days=300)
    sign_dpia(cast.school, read_sha256=freeze(content)[1], review_on=review, by=cast.user("dpo"))


def a_class_pays(
    cast: Any, *, faces: int, cards: int = 0, pupils: int = PUPILS, others: int = 20
) -> YearGroup:
    """Let a class of its own pay so often by face and by card in the days before, and Carl by card."""
    group = YearGroup.objects.create(school=cast.school, name=CLASS, position=9)
    persons = [add_person(cast.school, NewPerson(f"Pupil {one}", "Z")) for one in range(pupils)]
    Person.objects.filter(pk__in=[one.pk for one in persons]).update(year_group=group)
    issue_card(persons[0], by=cast.user("office"))
    made = pay(cast, "Carl")
    like = {
        name: getattr(made, name)
        for name in (
            "school_id",
            "terminal_id",
            "total_minor",
            "wallet_minor",
            "entitled_minor",
            "carried_minor",
        )
    }
    for place in range(faces + cards + others):
        basket = made.basket
        basket.pk, basket.state = new_id(), "paid"
        basket.save(force_insert=True)
        Sale.objects.create(
            id=new_id(),
            basket=basket,
            person=persons[place % pupils] if place < faces + cards else made.person,
            way="face" if place < faces else "card",
            receipt_number=made.receipt_number + place + 1,
            settled_at=MORNING - (1 + place % 20) * DAY,
            **like,
        )
    Sale.objects.filter(pk=made.pk).update(settled_at=MORNING - 40 * DAY)
    return group


def log(cast: Any) -> list[str]:
    rows = Entry.objects.filter(event__regex=r"^(fuse|face_lock)\.", at__gte=MORNING)
    return list(rows.order_by("sequence").values_list("event", flat=True))


def entries(cast: Any) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(event__startswith="fuse.", at__gte=MORNING).order_by("sequence")
    return [json.loads(bytes(one.hashed)) for one in rows]


def test_a_class_that_pays_with_faces_only_is_warned_then_switched_off_until_a_decision(at: Any) -> None:
    group = a_class_pays(at, faces=58, cards=2)
    Person.objects.filter(given_name="Ada").update(year_group=group)
    give_face(at, "Ada")
    ada = at.person("Ada")
    session = recognise(at, "Ada")
    session.mode, session.claimed = Template.Mode.VERIFY, ada
    assert weigh_here() == 1
    assert [(one.kind, one.year_group, one.blown_at) for one in Fuse.objects.all()] == [
        ("mostly_faces", group, None)
    ]
    assert usable_template(ada, "canteen") == find_permitted(ada.id, session) == Template.objects.get()
    assert weigh(at.school) == 0
    [warned] = fuses_whole(at.school)
    morning = write_day(Fuse.objects.get().blows_on)
    assert (warned.code, f"on the morning of {morning}." in str(warned.detail)) == ("fuse_warning", True)
    with stopped_at(MORNING + DAY):
        assert weigh(at.school) == 0
        assert usable_template(ada, "canteen") is None
        assert find_permitted(ada.id, session) is None
        assert lock_of(at.school).is_unlocked
        assert blown_fuse_for(ada) is not None
        assert blown_fuse_for(at.person("Carl")) is None
        assert [one.code for one in fuses_whole(at.school)] == ["fuse_blown"]
        fuse = Fuse.objects.get()
        until = today(at.school) + 30 * DAY
        decide_fuse(at.school, fuse.id, reason="Asked the class", until=until, by=at.user("dpo"))
        assert usable_template(ada, "canteen") is not None
    with stopped_at(MORNING + 2 * DAY):
        assert weigh(at.school) == 0
        assert list(fuses_whole(at.school)) == []
    assert log(at) == ["fuse.warned", "fuse.blown", "fuse.decided"]
    assert all(CLASS.encode() not in bytes(one.hashed) for one in Entry.objects.filter(event="fuse.blown"))


@pytest.mark.parametrize(
    "use",
    [{"faces": 57, "cards": 4}, {"faces": 49}, {"faces": 60, "pupils": 9}],
    ids=["a twentieth by card", "too few payments", "too few pupils to name"],
)
def test_a_class_is_left_alone_below_a_bound_and_a_small_one_is_never_named(
    at: Any, use: dict[str, int]
) -> None:
    a_class_pays(at, **use)
    assert findings(at.school, today(at.school)) == set()


def test_a_small_class_counts_with_the_school(at: Any) -> None:
    group = a_class_pays(at, faces=60, pupils=9, others=0)
    other = YearGroup.objects.create(school=at.school, name="9Y")
    moved = group.person_set.order_by("pk").first()
    Person.objects.filter(pk=moved.pk).update(year_group=other)
    person = add_person(at.school, NewPerson("Tenth", "Z"))
    Sale.objects.filter(pk=Sale.objects.filter(person=moved).first().pk).update(person=person)
    assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.MOSTLY_FACES)}
    uses = uses_by_class(at.school, today(at.school) - 30 * DAY, today(at.school))
    assert max(one.pupils for one in uses.values()) < 10


def test_without_cards_nothing_is_said_about_faces_only(at: Any) -> None:
    group = a_class_pays(at, faces=60)
    assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.MOSTLY_FACES, group.pk)}
    Card.objects.filter(person__year_group=group).update(revoked_at=MORNING)
    assert findings(at.school, today(at.school)) == set()


def waits(cast: Any, face_s: int, card_s: int, days: int) -> None:
    counted, _ = SalesCounted.objects.get_or_create(school=cast.school, defaults={"last_receipt": 10**6})
    for back in range(1, days + 1):
        kept = {"face": {str(face_s): 20}, "card": {str(card_s): 20}}
        SoldDay.objects.create(counted=counted, day=today(cast.school) - back * DAY, waits=kept)


def test_a_card_that_takes_much_longer_for_ten_days_switches_faces_off_at_the_school(at: Any) -> None:
    waits(at, 5, 9, 10)
    assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.FASTER_FACE)}
    assert weigh(at.school) == 1
    with stopped_at(MORNING + DAY):
        weigh(at.school)
        assert lock_of(at.school).reasons == ("fuse_blown",)
        assert log(at) == ["fuse.warned", "fuse.blown", "face_lock.engaged"]
        decide(at)
        assert lock_of(at.school).is_unlocked


@pytest.mark.parametrize(("face_s", "card_s", "days"), [(5, 9, 9), (6, 10, 12), (20, 5, 12)])
def test_a_face_as_quick_as_allowed_or_slower_is_left_alone(
    at: Any, face_s: int, card_s: int, days: int
) -> None:
    waits(at, face_s, card_s, days)
    assert findings(at.school, today(at.school)) == set()


def decide(cast: Any, until: date | None = None) -> Fuse:
    fuse = Fuse.objects.get(closed_at=None)
    until = until or today(cast.school) + 5 * DAY
    return decide_fuse(cast.school, fuse.id, reason="Looked into", until=until, by=cast.user("dpo"))


def test_a_decision_ends_on_its_day_and_the_figures_warn_again(at: Any) -> None:
    waits(at, 5, 9, 40)
    weigh(at.school)
    decide(at)
    for later, warns in ((4, 0), (5, 1)):
        with stopped_at(MORNING + later * DAY):
            assert weigh(at.school) == warns


def test_no_fuse_blows_during_lunch_but_on_the_morning_after(at: Any) -> None:
    waits(at, 5, 9, 40)
    weigh(at.school)
    with stopped_at(MORNING + DAY):
        pay(at, "Carl")
        weigh(at.school)
        assert lock_of(at.school).is_unlocked
    with stopped_at(MORNING + 2 * DAY):
        weigh(at.school)
        assert not lock_of(at.school).is_unlocked


def test_a_warning_is_cleared_when_the_figures_are_in_order_by_the_morning(at: Any) -> None:
    waits(at, 5, 9, 10)
    weigh(at.school)
    SoldDay.objects.all().delete()
    with stopped_at(MORNING + DAY):
        weigh(at.school)
        assert lock_of(at.school).is_unlocked
    assert log(at) == ["fuse.warned", "fuse.cleared"]


def test_confirmed_wrong_persons_switch_faces_off(at: Any) -> None:
    give_face(at, "Ada")
    with stopped_at(MORNING - DAY):
        sessions = [pay_by_face(at, "Ada")[0] for _use in range(3)]
        assert findings(at.school, today(at.school) + DAY) == set()
        said = NewComplaint("wrong_recognition", guardian=at.guardian("Gus"), face_session=sessions[0].id)
        complaint = raise_complaint(at.person("Ada"), said)
        assert findings(at.school, today(at.school) + DAY) == set()
        answer_complaint(complaint.id, ComplaintAnswer(True, "Sorry.", at.user("office")))
    assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.WRONG_PERSON)}


def test_what_is_out_of_date_warns_two_weeks_ahead_and_a_signature_mends_it(at: Any) -> None:
    with stopped_at(MORNING + 256 * DAY):
        assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.OUT_OF_DATE)}
        weigh(at.school)
        assert Fuse.objects.get().blows_on == today(at.school) + 14 * DAY
        sign(at)
        assert Fuse.objects.filter(closed_at=None).count() == 0
        assert findings(at.school, today(at.school)) == set()


def test_families_who_were_asked_too_long_ago_are_asked_again(at: Any) -> None:
    with stopped_at(MORNING + DAY):
        bounds = Bounds(consultation_days=90)
        set_bounds(at.school, bounds, by=at.user("dpo"))
        assert signed_bounds(at.school) == Bounds()
        sign(at)
        assert signed_bounds(at.school) == bounds
        with stopped_at(MORNING + 200 * DAY):
            weigh(at.school)
        with stopped_at(MORNING + 201 * DAY):
            weigh(at.school)
            assert lock_of(at.school).reasons == ("fuse_blown",)
            asked = Consultation(today(at.school), "Evening", 60, "Fine")
            record_consultation(at.school, asked, by=at.user("dpo"))
            assert lock_of(at.school).is_unlocked


def test_more_pictures_than_were_signed_switch_faces_off(at: Any) -> None:
    signed_day, lately = today(at.school) - DAY, today(at.school) + 10 * DAY
    PictureDay.objects.create(terminal=at.till, day=signed_day, acts=True, live=900, picture=4)
    sign(at)
    assert json.loads(at.school.assessments.order_by("-version").first().content)["statistics"][
        "pictures"
    ] == {
        "sessions": 904,
        "found": 4,
    }
    PictureDay.objects.create(terminal=at.till, day=lately, acts=True, live=100, picture=30)
    with stopped_at(MORNING + 11 * DAY):
        assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.ATTACKS)}
    with stopped_at(MORNING + 60 * DAY):
        assert findings(at.school, today(at.school)) == set()


def a_test(cast: Any, passed: int, refused: int) -> None:
    done = PictureTest.objects.create(
        terminal=cast.till, network="mini", started_on=today(cast.school), finished_on=today(cast.school)
    )
    PictureTestCount.objects.create(
        test=done, day=today(cast.school), kind="phone", distance="usual", passed=passed, refused=refused
    )


def test_more_pictures_that_pass_in_a_test_of_a_till_than_were_signed_switch_faces_off(at: Any) -> None:
    a_test(at, passed=1, refused=44)
    sign(at)
    with stopped_at(MORNING + DAY):
        a_test(at, passed=4, refused=41)
        assert findings(at.school, today(at.school)) == set()
    with stopped_at(MORNING + 2 * DAY):
        a_test(at, passed=20, refused=25)
        assert findings(at.school, today(at.school)) == {FuseFinding(FuseKind.ATTACKS)}
        sign(at)
        assert findings(at.school, today(at.school)) == set()


@pytest.mark.parametrize("kind", FuseKind)
def test_each_of_the_five_is_in_the_log_by_its_name_and_off_from_a_morning_on(
    at: Any, kind: FuseKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuses, "findings", lambda _school, _day: {FuseFinding(kind)})
    weigh(at.school)
    assert lock_of(at.school).is_unlocked
    assert Fuse.objects.get().blows_on > today(at.school)
    with stopped_at(MORNING + (Fuse.objects.get().blows_on - today(at.school))):
        weigh(at.school)
        assert "fuse_blown" in lock_of(at.school).reasons
        named = [(one["event"], one["facts"].get("kind")) for one in entries(at)]
    assert named[:2] == [("fuse.warned", kind.value), ("fuse.blown", kind.value)]


def test_only_the_officer_decides_with_a_reason_until_a_day_within_a_year(at: Any) -> None:
    waits(at, 5, 9, 10)
    weigh(at.school)
    fuse, later = Fuse.objects.get(), today(at.school) + 5 * DAY
    dpo = at.user("dpo")
    for code, change in (
        ("not_the_dpo", {"by": at.user("office")}),
        ("reason_missing", {"reason": " "}),
    ):
        with pytest.raises(Refused, match=f"^{code}$"):
            decide_fuse(at.school, fuse.id, **{"reason": "Why", "until": later, "by": dpo, **change})
    for until in (today(at.school), today(at.school) + 367 * DAY):
        with pytest.raises(Refused, match=r"^fuse_date_not_valid$"):
            decide_fuse(at.school, fuse.id, reason="Why", until=until, by=dpo)
    decide_fuse(at.school, fuse.id, reason="Why", until=later, by=dpo)
    with pytest.raises(Refused, match=r"^unknown_fuse$"):
        decide_fuse(at.school, fuse.id, reason="Why", until=later, by=dpo)
    with pytest.raises(Refused, match=r"^fuse_bounds_not_valid$"):
        set_bounds(at.school, Bounds(pupils_min=9), by=dpo)


def test_a_restore_does_not_forget_that_a_fuse_had_blown(at: Any) -> None:
    gone = YearGroup.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    assert not replay_blown(str(at.school.id), "mostly_faces", gone)
    assert replay_blown(str(at.school.id), "faster_face", None)
    assert not replay_blown(str(at.school.id), "faster_face", None)
    assert lock_of(at.school).reasons == ("fuse_blown",)


def test_nothing_is_weighed_before_an_assessment_is_signed(cast: Any) -> None:
    assert weigh(create_school("Second")) == 0
    assert not Fuse.objects.exists()
