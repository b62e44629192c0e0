"""A wrong charge or recognition is reported, answered once, and put right in the same transaction."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.support.spending import grant_sum
from tests.support.till import give_face, pay, pay_by_face, recognise

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.biometrics.models import Template
from willing.biometrics.queries import usable_template
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.complaints.labels import describe_refund
from willing.complaints.models import Complaint, ComplaintWords
from willing.complaints.queries import wrong_person_rate
from willing.complaints.rules import OPEN_MAX, due_at
from willing.core import clock
from willing.core.errors import Refused
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.guardians import add_guardian
from willing.privacy.retention_job import run_retention
from willing.till.refund_models import Refund


def answer(cast, complaint, *, confirmed=True, text="Sorry. It is put right."):
    return answer_complaint(complaint.id, ComplaintAnswer(confirmed, text, cast.user("office")))


def report(cast, name="Ada", kind="wrong_recognition", **about):
    guardian = about.pop("guardian", cast.guardian("Gus") if name == "Ada" else None)
    return raise_complaint(cast.person(name), NewComplaint(kind, guardian=guardian, **about))


def test_wrong_recognition_is_refunded_and_suspends_the_face(cast):
    give_face(cast, "Ada")
    session, sale = pay_by_face(cast, "Ada")
    complaint = report(cast, face_session=session.id, said="She was ill that day.")
    assert complaint.sale == sale  # the use of the camera brings its charge along
    assert usable_template(cast.person("Ada"), "canteen") is not None  # a report alone takes nothing away
    answer(cast, complaint)
    assert available_minor(cast.person("Ada")) == 2000
    assert Template.objects.get().suspended_for == "wrong_person"
    assert usable_template(cast.person("Ada"), "canteen") is None
    events = list(Entry.objects.order_by("-sequence").values_list("event", flat=True)[:3])
    assert sorted(events) == ["complaint.answered", "face.suspended", "sale.refunded"]
    assert "ill" not in "".join(bytes(one.hashed).decode() for one in Entry.objects.all())
    figures = wrong_person_rate(cast.school)
    assert (figures.uses, figures.confirmed) == (1, 1)
    assert verify_ledger().ok
    assert not verify_log().faults


def test_a_wrong_recognition_that_was_not_paid_for_counts_too(cast):
    session = recognise(cast, "Ada")
    complaint = report(cast, face_session=session.id)
    assert complaint.sale is None
    answer(cast, complaint)  # and no template is there to suspend
    assert not Refund.objects.exists()
    assert wrong_person_rate(cast.school).confirmed == 1


def test_a_wrong_charge_goes_back_once_whoever_reported_it(cast):
    sale = pay(cast, "Ada")
    other = add_guardian(cast.person("Ada"), "Gil")
    mine = report(cast, kind="wrong_charge", sale=sale.id)
    theirs = report(cast, kind="wrong_charge", sale=sale.id, guardian=other)
    assert mine != theirs  # neither learns of the other's
    for one in (mine, theirs):
        answer(cast, one)
    assert available_minor(cast.person("Ada")) == 2000
    refund = Refund.objects.get()
    for one in (mine, theirs):
        one.refresh_from_db()
        assert one.refund == refund, "the answer names what went back, whoever had it sent back first"
    assert describe_refund(refund, cast.school) == ["£2.50 was refunded and is on the balance."]


def test_the_answer_says_where_each_part_of_the_money_is(cast):
    grant_sum(cast.person("Bo"), 100, by=cast.user("office"))
    sale = pay(cast, "Bo")
    refund = answer(cast, report(cast, name="Bo", kind="wrong_charge", sale=sale.id)).refund
    assert describe_refund(refund, cast.school)[-1] == "£1.00 was refunded to what the school pays for meals."


def test_what_was_not_confirmed_changes_nothing_but_is_answered(cast):
    give_face(cast, "Ada")
    _, sale = pay_by_face(cast, "Ada")
    complaint = answer(cast, report(cast, sale=sale.id), confirmed=False, text="The cashier knows her.")
    assert (complaint.outcome, complaint.words.answer) == ("not_confirmed", "The cashier knows her.")
    assert not Refund.objects.exists()
    assert Template.objects.get().suspended_at is None
    assert wrong_person_rate(cast.school).confirmed == 0


def test_a_report_pressed_twice_is_one_report_and_is_answered_once(cast):
    sale = pay(cast, "Ada")
    one = report(cast, kind="wrong_charge", sale=sale.id)
    assert report(cast, kind="wrong_charge", sale=sale.id) == one
    own = raise_complaint(cast.person("Ada"), NewComplaint("wrong_charge", sale=sale.id))
    assert own.raised_by == "pupil"
    answer(cast, one)
    with pytest.raises(Refused, match="complaint_answered"):
        answer(cast, one)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("kind", ["restriction", "objection"])
def test_gdpr_18_and_21_asking_to_pause_takes_the_face_out_at_once_until_it_is_answered(cast, kind):
    give_face(cast, "Ada")
    complaint = report(cast, kind=kind)
    assert Template.objects.get().suspended_for == "asked"
    assert usable_template(cast.person("Ada"), "canteen") is None
    answer(cast, complaint, confirmed=False, text="As you agreed by telephone.")
    assert usable_template(cast.person("Ada"), "canteen") is not None
    standing = report(cast, kind=kind)
    answer(cast, standing)
    again = report(cast, kind=kind)
    answer(cast, again, confirmed=False)
    assert Template.objects.get().suspended_for == "asked"  # the wish that was granted still stands


def test_gdpr_16_a_correction_needs_words_and_an_answer_needs_some_too(cast):
    with pytest.raises(Refused, match="complaint_without_words"):
        report(cast, kind="correction", said="  ")
    complaint = report(cast, kind="correction", said="Her name is Ada Agree.")
    with pytest.raises(Refused, match="complaint_without_words"):
        answer(cast, complaint, text=" ")
    assert answer(cast, complaint).words.said == "Her name is Ada Agree."


def test_nobody_reports_about_somebody_else(cast):
    theirs = pay(cast, "Carl")
    for kind in ("wrong_charge", "wrong_recognition"):
        with pytest.raises(Refused, match="complaint_about_nothing"):
            report(cast, kind=kind, sale=theirs.id)
    with pytest.raises(Refused, match="complaint_about_nothing"):  # a card is no face
        report(cast, sale=pay(cast, "Ada").id)
    with pytest.raises(Refused, match="complaint_about_nothing"):  # nothing was charged
        report(cast, kind="wrong_charge", face_session=recognise(cast, "Ada").id)
    with pytest.raises(Refused, match="not_a_guardian"):
        report(cast, kind="other", said="x", guardian=cast.guardian("Gwen"))


def test_one_voice_does_not_fill_the_office_s_list(cast):
    for number in range(OPEN_MAX):
        report(cast, kind="other", said=f"{number}")
    assert report(cast, kind="other", said="0")  # the same again is the same
    with pytest.raises(Refused, match="too_many_complaints"):
        report(cast, kind="other", said="one more")


BROKEN = [
    ({"outcome": "confirmed"}, "answered by nobody"),
    ({"kind": "curse"}, "of no kind"),
    ({"kind": "wrong_charge"}, "about no charge"),
    ({"raised_by": "pupil"}, "a pupil's, with a guardian"),
]


@pytest.mark.parametrize("change", [one[0] for one in BROKEN], ids=[one[1] for one in BROKEN])
def test_the_database_refuses_a_complaint(cast, change):
    complaint = report(cast, kind="other", said="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(**change)


def test_complaints_end_a_year_after_the_answer_words_and_all(cast):
    complaint = answer(cast, report(cast, kind="other", said="x"))
    report(cast, kind="other", said="still open")
    with clock.running(lambda: complaint.answered_at + timedelta(days=365)):
        assert run_retention().ended["complaints"] == 0
    with clock.running(lambda: complaint.answered_at + timedelta(days=367)):
        assert run_retention().ended["complaints"] == 1
    assert [one.said for one in ComplaintWords.objects.all()] == ["still open"]


@pytest.mark.parametrize(
    ("raised", "due"),
    [((2026, 1, 31), (2026, 2, 28)), ((2026, 12, 5), (2027, 1, 5)), ((2028, 1, 30), (2028, 2, 29))],
    ids=["january", "december", "leap"],
)
def test_gdpr_12_an_answer_is_due_within_a_month(raised, due):
    assert due_at(noon(*raised)) == noon(*due)


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)
