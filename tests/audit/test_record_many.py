"""Many entries at once are the same log as one by one."""

from uuid import uuid4

import pytest
from django.db import transaction

from willing.audit.actions import NewEntry, record_many, record_now
from willing.audit.models import Entry, Head
from willing.audit.verify_database import verify_log

pytestmark = pytest.mark.usefixtures("db")


def test_many_entries_join_the_same_chain_in_the_order_given():
    subjects = [uuid4() for _ in range(250)]
    with transaction.atomic():
        before = record_now("test.before", subject=None, facts={}, personal={})
        record_many([NewEntry("test.many", one, {"n": n}, {"name": "A"}) for n, one in enumerate(subjects)])
        after = record_now("test.after", subject=None, facts={}, personal={})
    assert after.sequence == before.sequence + 251
    many = Entry.objects.filter(event="test.many").order_by("sequence")
    assert [entry.subject for entry in many] == subjects
    assert verify_log().ok
    assert Head.objects.get().sequence == after.sequence


def test_no_entries_leave_the_head_as_it_is():
    before = Head.objects.get().sequence
    with transaction.atomic():
        record_many([])
    assert Head.objects.get().sequence == before


def test_many_entries_outside_a_deed_are_a_bug():
    with pytest.raises(AssertionError):
        record_many([NewEntry("test.many", None, {}, {})])
