"""A breach from when it is known until nothing is left to do; the register is only ever added to."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from willing.audit.models import Entry
from willing.core import clock
from willing.core.dates import write_day
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.documents.breach_notice import authority_draft, breach_record, family_draft
from willing.dpia.breach_labels import time_left
from willing.dpia.breach_models import Breach, BreachAccount, BreachStep
from willing.dpia.breach_queries import breaches, running_breaches, state_of
from willing.dpia.breaches import (
    BreachDetails,
    NewStep,
    add_step,
    amend_breach,
    record_breach,
    require_breach,
    set_authority,
)
from willing.ops.health import conditions
from willing.people.models import School
from willing.people.queries import local_day

pytestmark = pytest.mark.steady_clock
LOST = BreachDetails("A laptop was stolen", whom="Pupils of 7A", data="Names and meals")


def refused(code):
    return pytest.raises(Refused, match=f"^{code}$")


@pytest.fixture
def breach(cast):
    """A breach that is known since two hours ago."""
    return record_breach(cast.school, clock.now() - timedelta(hours=2), LOST, by=cast.user("dpo"))


def faults(school):
    return [one.detail for one in conditions(school) if one.code == "breach"]


def test_gdpr_33_a_late_notification_says_why_and_ends_the_clock(cast, breach):
    dpo = cast.user("dpo")
    assert faults(cast.school) == ["Breach 1. 69 hours left."]
    sent = NewStep("authority", "notified", sent_at=clock.now(), reference="Form 12")
    with refused("breach_step_not_next"):
        add_step(breach, sent, by=dpo)
    with refused("reason_missing"):
        add_step(breach, NewStep("authority", "notify", reason=" "), by=dpo)
    add_step(breach, NewStep("authority", "notify", reason="A risk is likely"), by=dpo)
    later = clock.now() + timedelta(hours=80)
    with clock.running(lambda: later):
        assert faults(cast.school) == ["Breach 1. 10 hours late."]
        late = NewStep("authority", "notified", sent_at=later, reference="Form 12")
        with refused("breach_late"):
            add_step(breach, late, by=dpo)
        with refused("breach_time_not_valid"):
            add_step(breach, NewStep("authority", "notified", sent_at=later + timedelta(hours=1)), by=dpo)
        with refused("breach_time_not_valid"):
            add_step(breach, NewStep("authority", "notified"), by=dpo)
        why = NewStep("authority", "notified", sent_at=later, why_late="The disk was examined first")
        add_step(breach, why, by=dpo)
        with refused("breach_step_not_next"):
            add_step(breach, NewStep("authority", "leave", reason="After all"), by=dpo)
        assert faults(cast.school) == ["Breach 1. The families are still to decide about."]
        [section, decided] = breach_record(state_of(breach)).sections
        assert ("Reason for the delay", "The disk was examined first") in section.table.rows
        assert "A risk is likely" in str(decided.table.rows)
    personal = Entry.objects.get(event="breach.notified")
    assert b"disk" not in bytes(personal.hashed)


def test_gdpr_34_whether_families_are_notified_is_decided_apart(cast, breach):
    dpo = cast.user("dpo")
    add_step(breach, NewStep("authority", "leave", reason="The disk was encrypted"), by=dpo)
    assert [one.breach for one in running_breaches(cast.school)] == [breach]
    add_step(breach, NewStep("families", "leave", reason="The disk was encrypted"), by=dpo)
    assert running_breaches(cast.school) == []
    assert faults(cast.school) == []
    add_step(breach, NewStep("families", "notify", reason="It was not"), by=dpo)
    assert len(running_breaches(cast.school)) == 1


def test_gdpr_33_5_the_register_is_only_ever_added_to(cast, breach):
    dpo = cast.user("dpo")
    amend_breach(breach, BreachDetails("A laptop was stolen", "7A and 7B", "Names", people=51), by=dpo)
    add_step(breach, NewStep("families", "leave", reason="Encrypted"), by=dpo)
    assert state_of(breach).account.people == 51
    for model in (Breach, BreachAccount, BreachStep):
        for deed in (lambda rows: rows.update(number=7), lambda rows: rows.delete()):
            with pytest.raises(IntegrityError), transaction.atomic():
                deed(model.objects.all())
    assert BreachAccount.objects.filter(breach=breach).count() == 2
    assert [one.breach.number for one in breaches(cast.school)] == [1]


def test_gdpr_33_3_the_draft_holds_what_the_authority_is_told(cast, breach):
    [section] = authority_draft(state_of(breach)).sections
    assert section.table is not None
    rows = {row[0]: row[1] for row in section.table.rows}
    assert (rows["How many people, about"], rows["Likely consequences"]) == ("…", "…")
    assert section.paragraphs == ("What is not known yet (…) may follow later, without undue further delay.",)
    assert authority_draft(state_of(breach)).subtitle == "To the Information Commissioner's Office (ICO)"
    full = BreachDetails("Stolen", "7A", "Names", 28, 56, "Others may read them", "The key was changed")
    amend_breach(breach, full, by=cast.user("dpo"))
    set_authority(cast.school, "Our authority", "its form", by=cast.user("dpo"))
    draft = authority_draft(state_of(breach))
    assert draft.subtitle == "To Our authority · its form"
    assert draft.sections[0].paragraphs == ()
    assert {"28", "56", "Others may read them", "The key was changed", "Dpo", "Stolen"} <= {
        cell for row in draft.sections[0].table.rows for cell in row
    }
    written = str(family_draft(state_of(breach)).sections)
    assert "The key was changed" in written
    assert f"We know of it since {write_day(local_day(cast.school, breach.known_at))}." in written


def test_pipl_57_the_law_of_china_says_at_once_and_counts_no_hours(cast, breach):
    School.objects.update(legal_profile="china")
    state = state_of(require_breach(cast.school, breach.pk))
    assert state.clock.due_at is None
    assert time_left(state) == "The law says: notify immediately."
    School.objects.update(legal_profile="illinois")
    state = state_of(require_breach(cast.school, breach.pk))
    assert time_left(state) == "The law names no hours: notify without unreasonable delay."


def test_what_no_breach_is_without_and_who_records_it(cast, breach):
    dpo, present = cast.user("dpo"), clock.now()
    for known_at, account in (
        (present + timedelta(hours=1), LOST),
        (present, BreachDetails(" ", "7A", "Names")),
        (present, BreachDetails("Stolen", "", "Names")),
    ):
        with refused("breach_not_described"):
            record_breach(cast.school, known_at, account, by=dpo)
    with refused("not_the_dpo"):
        record_breach(cast.school, present, LOST, by=cast.user("office"))
    with refused("not_the_dpo"):
        add_step(breach, NewStep("families", "leave", reason="x"), by=cast.user("administrator"))
    with refused("text_missing"):
        set_authority(cast.school, " ", "", by=dpo)
    with refused("unknown_breach"):
        require_breach(cast.school, new_id())
    soon = present + timedelta(hours=69, minutes=30)
    with clock.running(lambda: soon):
        assert time_left(state_of(breach)).endswith("minutes left.")
