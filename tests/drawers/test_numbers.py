"""Numbers that were given out after a restored copy are left out, once, and the books know of it."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, transaction

from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.drawers.actions import require_office_drawer
from willing.drawers.books import verify_drawers
from willing.drawers.models import Drawer, DrawerSession, SkippedNumbers
from willing.drawers.numbers import highest_pay_ins, highest_zs, skip_pay_ins, skip_zs
from willing.drawers.pay_ins import Paying, take_at_office
from willing.drawers.sessions import Close, close_session, count_drawer, open_session


def close_one(drawer: Drawer) -> int:
    open_session(drawer, key=uuid4(), by=None)
    count_drawer(drawer, 0, by=None)
    return close_session(drawer, Close(), by=None).z_number or 0


@pytest.fixture
def drawer(cast: Any) -> Drawer:
    return require_office_drawer(cast.school, by=None)


def test_the_next_z_is_above_those_that_were_left_out(cast: Any, drawer: Drawer) -> None:
    assert close_one(drawer) == 1
    assert (skip_zs(drawer, 4), skip_zs(drawer, 4), skip_zs(drawer, 0)) == (3, 0, 0)
    assert (close_one(drawer), close_one(drawer)) == (5, 6)
    assert highest_zs() == {str(drawer.id): 6}
    entry = Entry.objects.get(event="z_numbers.skipped")
    assert (entry.subject, facts_of(entry)["first"], facts_of(entry)["last"]) == (drawer.id, 2, 4)
    assert not verify_drawers()


def test_a_drawer_whose_first_zs_were_left_out_begins_above_them(drawer: Drawer) -> None:
    assert skip_zs(drawer, 2) == 2
    assert close_one(drawer) == 3
    assert not verify_drawers()


def test_the_database_takes_no_number_that_was_left_out(drawer: Drawer) -> None:
    skip_zs(drawer, 2)
    session = open_session(drawer, key=uuid4(), by=None)
    count_drawer(drawer, 0, by=None)
    closed = {"closed_at": session.opened_at, "z_number": 1, "kept_minor": 0, "why": ""}
    with pytest.raises(Error, match="next number"), transaction.atomic():
        DrawerSession.objects.filter(pk=session.pk).update(**closed)
    for change in (lambda rows: rows.update(last=9), lambda rows: rows.delete()):
        with pytest.raises(Error), transaction.atomic():
            change(SkippedNumbers.objects.all())


def test_the_next_pay_in_is_above_those_that_were_left_out(cast: Any) -> None:
    def pay_in() -> int:
        return take_at_office(cast.person("Carl"), Paying(100), key=uuid4(), by=None).number

    assert pay_in() == 1
    assert (skip_pay_ins(cast.school, 3), skip_pay_ins(cast.school, 3)) == (2, 0)
    assert not verify_drawers()
    assert (pay_in(), pay_in()) == (4, 5)
    assert highest_pay_ins() == {str(cast.school.id): 5}
    assert not verify_drawers()
    assert Entry.objects.filter(event="pay_in_receipts.skipped", subject=cast.school.id).count() == 1
