"""Drawers, their days and receipts that do not agree with the money are named, row by row."""

from uuid import uuid4

import pytest
from django.db.models import F
from tests.support.money import office_drawer
from tests.support.spoiling import without_rules

from willing.drawers.actions import add_drawer, put_into_drawer
from willing.drawers.books import verify_drawers
from willing.drawers.models import DrawerEntry, DrawerSession, Method, PayIn, PayInCounter
from willing.drawers.pay_ins import Paying, take_pay_in
from willing.drawers.sessions import Close, close_session, correct_closed, count_drawer, open_session
from willing.ledger.models import Account
from willing.wallets.moves import reverse_pay_in


def found():
    return {(one.code, one.about) for one in verify_drawers()}


@pytest.fixture
def school(cast):
    """Two closed days, the first with a difference, and an open one that corrects it; a second drawer."""
    drawer, ada, office = office_drawer(cast.school), cast.person("Ada"), cast.user("office")
    put_into_drawer(drawer, 5000, key=uuid4(), by=office)
    take_pay_in(ada, drawer, Paying(2000), key=uuid4(), by=office)
    count_drawer(drawer, 6990, by=office)
    first = close_session(drawer, Close(kept_minor=4000, why="change"), by=office)
    open_session(drawer, 500, key=uuid4(), by=office)
    paid = take_pay_in(ada, drawer, Paying(700, Method.CHEQUE), key=uuid4(), by=office)
    count_drawer(drawer, 4500, by=office)
    close_session(drawer, Close(kept_minor=100), by=office)
    open_session(drawer, key=uuid4(), by=office)
    correct_closed(first, 10, key=uuid4(), by=office)
    take_pay_in(ada, drawer, Paying(300), key=uuid4(), by=office)
    reverse_pay_in(cast.school, paid.transfer_id, 700, words="not paid", key=uuid4(), by=office)
    open_session(add_drawer(cast.school, "Shop", by=office), 50, key=uuid4(), by=office)
    return cast.school


@pytest.fixture
def spoilt(school):
    without_rules(
        *("drawers_drawersession", "drawers_drawerentry", "drawers_payin"),
        *("ledger_account", "ledger_transfer"),
    )
    return school


def day(number):
    return DrawerSession.objects.get(z_number=number)


def test_a_sound_school_has_nothing_wrong(school):
    assert found() == set()


def test_a_day_that_does_not_open_with_what_was_kept_is_named(spoilt):
    DrawerSession.objects.filter(z_number=2).update(opening_minor=4001)
    assert found() == {("day_opens_with_another_sum", day(2).id), ("day_is_not_its_entries", day(2).id)}


def test_so_is_a_first_day_that_opens_with_anything(spoilt):
    DrawerSession.objects.filter(z_number=1).update(opening_minor=1)
    assert ("day_opens_with_another_sum", day(1).id) in found()


def test_the_day_after_a_missing_z_is_named(spoilt):
    DrawerSession.objects.filter(z_number=2).update(z_number=4)
    assert found() == {("z_missing_before", day(4).id)}


def test_money_on_no_day_is_named_with_the_day_that_lacks_it(spoilt):
    entry = DrawerEntry.objects.get(session=day(2), transfer__amount_minor=500)
    DrawerEntry.objects.filter(pk=entry.pk).delete()
    assert found() == {("moved_on_no_day", entry.transfer_id), ("day_is_not_its_entries", day(2).id)}


def test_an_open_day_is_held_beside_what_is_in_its_drawer(spoilt):
    opened = DrawerSession.objects.get(drawer__name="Office", closed_at=None)
    Account.objects.filter(drawer=opened.drawer).update(debits_posted=F("debits_posted") + 1)
    assert found() == {("day_is_not_its_entries", opened.id)}


def test_money_of_another_drawer_is_named(spoilt):
    entry = DrawerEntry.objects.get(session=day(2), transfer__amount_minor=500)
    other = DrawerSession.objects.get(drawer__name="Shop")
    DrawerEntry.objects.filter(pk=entry.pk).update(session=other)
    assert ("entered_in_another_drawer", entry.transfer_id) in found()


def test_a_day_whose_difference_was_not_booked_so_is_named(spoilt):
    DrawerSession.objects.filter(z_number=1).update(expected_minor=F("expected_minor") + 5)
    assert found() == {("day_is_not_its_difference", day(1).id)}


def test_a_drawer_below_nothing_is_named(spoilt):
    opened = DrawerSession.objects.get(drawer__name="Shop")
    Account.objects.filter(drawer=opened.drawer).update(credits_posted=51)
    assert ("drawer_below_zero", opened.drawer_id) in found()


def test_a_receipt_that_is_missing_is_named_by_the_next_one_and_by_its_money(spoilt):
    gone, following = PayIn.objects.get(number=2), PayIn.objects.get(number=3)
    PayIn.objects.filter(pk=gone.pk).delete()
    assert found() == {
        ("pay_in_missing_before", following.transfer_id),
        ("pay_in_without_receipt", gone.transfer_id),
    }


def test_the_last_receipt_that_is_missing_is_named_too(spoilt):
    PayInCounter.objects.update(last=4)
    assert found() == {("pay_ins_not_counted", spoilt.id)}
    PayInCounter.objects.all().delete()
    assert found() == {("pay_ins_not_counted", spoilt.id)}


@pytest.mark.parametrize(("number", "method"), [(1, Method.CHEQUE), (2, Method.CASH)])
def test_a_receipt_of_other_money_is_named(spoilt, number, method):
    PayIn.objects.filter(number=number).update(method=method)
    assert found() == {("pay_in_is_not_its_money", PayIn.objects.get(number=number).transfer_id)}
