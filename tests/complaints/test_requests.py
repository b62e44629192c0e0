"""The register of requests: how they came, who asked, until when they are answered, extended when."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.complaints.actions import ComplaintAnswer, NewComplaint, answer_complaint, raise_complaint
from willing.complaints.extensions import extend_answer
from willing.complaints.models import Complaint
from willing.complaints.queries import count_unanswered, due_of
from willing.complaints.rules import due_at
from willing.core import clock
from willing.core.errors import Refused
from willing.people.models import School
from willing.people.queries import day_bounds, today

pytestmark = pytest.mark.steady_clock


def refused(code):
    return pytest.raises(Refused, match=f"^{code}$")


def came_on(cast):
    """Return the day on which the letter came."""
    return today(cast.school) - timedelta(days=7)


def by_letter(cast, kind="access", **more):
    """Let the office enter what came by letter a week ago."""
    day = came_on(cast)
    new = NewComplaint(kind, taken_by=cast.user("office"), channel="letter", received_on=day, **more)
    return raise_complaint(cast.person("Ada"), new)


def test_the_time_to_answer_counts_from_the_day_on_which_it_came(cast):
    letter = by_letter(cast)
    begin = day_bounds(cast.school, came_on(cast))[0]
    assert due_of(letter) == due_at(begin, "1 month")
    with refused("request_day_not_valid"):
        ahead = today(cast.school) + timedelta(days=1)
        new = NewComplaint("access", taken_by=cast.user("office"), channel="letter", received_on=ahead)
        raise_complaint(cast.person("Carl"), new)
    then = begin + timedelta(days=32)
    with clock.running(lambda: then):
        assert count_unanswered(cast.school).overdue == 1


def test_each_law_has_its_own_time(cast):
    letter = by_letter(cast)
    School.objects.update(legal_profile="china")
    letter = Complaint.objects.get(pk=letter.pk)
    assert due_of(letter) == due_at(day_bounds(cast.school, came_on(cast))[0], "15 working days")
    with refused("extension_not_possible"):
        extend_answer(letter.id, reason="Many files", by=cast.user("dpo"))


def test_gdpr_12_3_an_answer_that_takes_longer_says_why_in_time_and_once(cast):
    letter, dpo = by_letter(cast), cast.user("dpo")
    due = due_of(letter)
    with refused("complaint_without_words"):
        extend_answer(letter.id, reason=" ", by=dpo)
    late = due + timedelta(hours=1)
    with clock.running(lambda: late), refused("extension_not_possible"):
        extend_answer(letter.id, reason="Many files", by=dpo)
    extended = extend_answer(letter.id, reason="Many files", by=dpo)
    assert due_of(extended) == due_at(day_bounds(cast.school, came_on(cast))[0], "1 month", "2 months")
    assert extended.words.extension == "Many files"
    with refused("extension_not_possible"):
        extend_answer(letter.id, reason="More files", by=dpo)
    assert facts_of(Entry.objects.get(event="complaint.extended"))["by"] == dpo.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=letter.pk).update(extended_by=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=letter.pk).update(channel="pigeon")


def test_gdpr_12_6_nothing_is_given_out_before_it_is_clear_who_asks(cast):
    letter, dpo = by_letter(cast), cast.user("dpo")
    with refused("identity_not_checked"):
        answer_complaint(letter.id, ComplaintAnswer(True, "Here it is", dpo))
    granted = ComplaintAnswer(True, "Here it is", dpo, identity="Called back on the number on file")
    assert answer_complaint(letter.id, granted).words.identity == "Called back on the number on file"
    known = by_letter(cast, "erasure", identity="Known to the office")
    assert answer_complaint(known.id, ComplaintAnswer(True, "Deleted", dpo)).outcome == "confirmed"
    other = by_letter(cast, "portability")
    assert answer_complaint(other.id, ComplaintAnswer(False, "Who are you?", dpo)).outcome == "not_confirmed"


def test_what_a_family_asks_on_its_page_needs_no_letter_and_no_proof(cast):
    new = NewComplaint("erasure", guardian=cast.guardian("Gus"), channel="letter")
    asked = raise_complaint(cast.person("Ada"), new)
    assert (asked.channel, asked.received_on) == ("page", None)
    done = answer_complaint(asked.id, ComplaintAnswer(True, "Deleted", cast.user("dpo")))
    assert not done.is_open
