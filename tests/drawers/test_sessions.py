"""A drawer's day: cash only while it is open, a blind count, a Z without gaps that nothing changes."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.support.money import office_drawer

from willing.core.clock import now
from willing.core.errors import Refused
from willing.drawers.actions import add_drawer, put_into_drawer, take_from_drawer, take_to_bank
from willing.drawers.models import DrawerEntry, DrawerSession, Method
from willing.drawers.pay_ins import Paying, take_at_office, take_pay_in
from willing.drawers.queries import (
    holds_minor,
    left_open,
    open_session_of,
    report_of,
    require_drawer,
    require_pay_in,
)
from willing.drawers.rules import Moved
from willing.drawers.sessions import Close, close_session, correct_closed, count_drawer, open_session
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger


def lines(session):
    return [(one.moved, one.count, one.amount_minor) for one in report_of(session).lines]


def test_a_day_from_float_to_z_leaves_the_books_at_zero(cast):
    office, drawer = cast.user("office"), office_drawer(cast.school)
    put_into_drawer(drawer, 5000, key=uuid4(), by=office)
    take_at_office(cast.person("Ada"), Paying(2000), key=uuid4(), by=office)
    take_at_office(cast.person("Ada"), Paying(700, Method.CHEQUE), key=uuid4(), by=office)
    take_from_drawer(drawer, 1500, key=uuid4(), by=office)
    count_drawer(drawer, 5480, by=office)
    closed = close_session(drawer, Close(kept_minor=5000, why="change"), by=office)
    assert (closed.z_number, closed.expected_minor, closed.difference_minor) == (1, 5500, -20)
    assert lines(closed) == [
        (Moved.FLOAT, 1, 5000),
        (Moved.DROP, 2, -1980),
        (Moved.PAY_IN, 1, 2000),
        (Moved.DIFFERENCE, 1, -20),
    ]
    report = report_of(closed)
    assert (report.cheques, report.cheques_minor) == (1, 700)
    assert report.holds_minor == closed.kept_minor == holds_minor(drawer) == 5000
    assert verify_ledger().ok
    again = open_session(drawer, key=uuid4(), by=office)
    assert (again.opening_minor, report_of(again).lines) == (5000, [])


def test_z_numbers_have_no_gaps_for_each_drawer(cast):
    first, second = office_drawer(cast.school), add_drawer(cast.school, "Till 1", terminal=cast.till, by=None)
    for drawer, rounds in ((first, 3), (second, 2)):
        for number in range(1, rounds + 1):
            if open_session_of(drawer) is None:
                open_session(drawer, key=uuid4(), by=None)
            count_drawer(drawer, 0, by=None)
            assert close_session(drawer, Close(), by=None).z_number == number


def test_pressed_twice_a_drawer_opens_once(cast):
    drawer, key = add_drawer(cast.school, "Shop", by=None), uuid4()
    first = open_session(drawer, 1000, key=key, by=None)
    assert open_session(drawer, 1000, key=key, by=None) == first
    assert holds_minor(drawer) == 1000
    with pytest.raises(Refused, match="drawer_open"):
        open_session(drawer, key=uuid4(), by=None)


def test_a_closed_drawer_takes_no_money_and_nor_does_the_database(cast):
    drawer = add_drawer(cast.school, "Shop", by=None)
    with pytest.raises(Refused, match="drawer_closed"):
        take_pay_in(cast.person("Ada"), drawer, Paying(100), key=uuid4(), by=None)
    with pytest.raises(Refused, match="drawer_closed"):
        put_into_drawer(drawer, 100, key=uuid4(), by=None)
    safe = open_school_account(cast.school, Account.Kind.SAFE)
    with pytest.raises(IntegrityError, match="a closed drawer"), transaction.atomic():
        Transfer.objects.create(
            id=uuid4(),
            debit_id=drawer.account_id,
            credit=safe,
            amount_minor=1,
            kind="posted",
            reason="float",
            reference=uuid4(),
        )


def test_a_close_needs_a_count_after_the_last_move_and_a_reason_for_a_difference(cast):
    drawer = office_drawer(cast.school)
    with pytest.raises(Refused, match="drawer_not_counted"):
        close_session(drawer, Close(), by=None)
    count_drawer(drawer, 0, by=None)
    put_into_drawer(drawer, 300, key=uuid4(), by=None)
    with pytest.raises(Refused, match="drawer_not_counted"):
        close_session(drawer, Close(), by=None)
    count_drawer(drawer, 310, by=None)
    with pytest.raises(Refused, match="difference_needs_a_reason"):
        close_session(drawer, Close(why="because"), by=None)
    with pytest.raises(Refused, match="drawer_holds_less"):
        close_session(drawer, Close(kept_minor=311, why="unknown"), by=None)
    assert close_session(drawer, Close(why="unknown"), by=None).difference_minor == 10


def test_no_more_leaves_a_drawer_than_is_in_it(cast):
    drawer = office_drawer(cast.school)
    put_into_drawer(drawer, 300, key=uuid4(), by=None)
    with pytest.raises(Refused, match="drawer_holds_less"):
        take_from_drawer(drawer, 301, key=uuid4(), by=None)


@pytest.mark.parametrize("amount", [0, -300])
def test_a_sum_that_would_go_the_other_way_moves_nothing(cast, amount):
    drawer = office_drawer(cast.school)
    put_into_drawer(drawer, 500, key=uuid4(), by=None)
    for act in (put_into_drawer, take_from_drawer):
        with pytest.raises(Refused, match="amount_not_positive"):
            act(drawer, amount, key=uuid4(), by=None)
    assert holds_minor(drawer) == 500


def test_a_float_below_zero_opens_nothing_and_a_count_below_zero_counts_nothing(cast):
    drawer = add_drawer(cast.school, "Shop", by=None)
    with pytest.raises(Refused, match="amount_not_positive"):
        open_session(drawer, -1, key=uuid4(), by=None)
    open_session(drawer, key=uuid4(), by=None)
    with pytest.raises(Refused, match="count_below_zero"):
        count_drawer(drawer, -1, by=None)
    assert open_session_of(drawer).counted_minor is None


def test_a_correction_whose_answer_was_lost_is_found_though_the_drawer_holds_less_by_now(cast):
    drawer = office_drawer(cast.school)
    count_drawer(drawer, 0, by=None)
    closed = close_session(drawer, Close(), by=None)
    open_session(drawer, 300, key=uuid4(), by=None)
    key = uuid4()
    for _ in range(2):
        correct_closed(closed, -200, key=key, by=None)
    assert holds_minor(drawer) == 100


def test_a_closed_session_never_changes_and_its_entries_stay(cast):
    drawer = office_drawer(cast.school)
    put_into_drawer(drawer, 300, key=uuid4(), by=None)
    count_drawer(drawer, 300, by=None)
    closed = close_session(drawer, Close(kept_minor=300), by=None)
    for change in ({"counted_minor": 1}, {"why": "unknown"}, {"z_number": 7}, {"closed_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            DrawerSession.objects.filter(pk=closed.pk).update(**change)
    for rows in (DrawerSession.objects.filter(pk=closed.pk), DrawerEntry.objects.filter(session=closed)):
        with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
            rows._raw_delete("default")
    with pytest.raises(IntegrityError, match="open session"), transaction.atomic():
        DrawerEntry.objects.create(session=closed, transfer=Transfer.objects.filter(reason="topup")[0])


def test_the_database_gives_no_other_number_and_no_other_sum_to_a_close(cast):
    drawer = office_drawer(cast.school)
    session = count_drawer(drawer, 0, by=None)
    for change in ({"z_number": 2}, {"kept_minor": 1}):
        values = {"closed_at": now(), "z_number": 1, "kept_minor": 0, "counted_minor": 1, "why": "unknown"}
        with pytest.raises(IntegrityError), transaction.atomic():
            DrawerSession.objects.filter(pk=session.pk).update(**{**values, **change})


def test_what_turns_out_later_is_booked_in_the_next_session_and_names_the_closed_one(cast):
    drawer = office_drawer(cast.school)
    count_drawer(drawer, 0, by=None)
    closed = close_session(drawer, Close(), by=None)
    with pytest.raises(Refused, match="drawer_closed"):
        correct_closed(closed, 200, key=uuid4(), by=None)
    session, key = open_session(drawer, key=uuid4(), by=None), uuid4()
    correct_closed(closed, 200, key=key, by=None)
    correct_closed(closed, 200, key=key, by=None)
    (entry,) = session.entries.all()
    assert (entry.transfer.reference, entry.transfer.amount_minor) == (closed.id, 200)
    assert (lines(closed), lines(session)) == ([], [(Moved.DIFFERENCE, 1, 200)])
    with pytest.raises(Refused, match="drawer_holds_less"):
        correct_closed(closed, -201, key=uuid4(), by=None)


def test_the_office_pays_in_without_opening_a_drawer_first_and_receipts_have_no_gaps(cast):
    key, ada, before = uuid4(), cast.person("Ada"), available_minor(cast.person("Ada"))
    first = take_at_office(ada, Paying(100), key=key, by=cast.user("office"))
    assert take_at_office(ada, Paying(100), key=key, by=cast.user("office")) == first
    second = take_at_office(cast.person("Carl"), Paying(100, Method.CHEQUE), key=uuid4(), by=None)
    assert (first.number, second.number, first.session) == (1, 2, second.session)
    assert available_minor(ada) == before + 100
    assert first.session.drawer.name == "Office"
    assert holds_minor(first.session.drawer) == 100


def test_cheques_and_the_safe_go_to_the_bank(cast):
    take_at_office(cast.person("Ada"), Paying(500, Method.CHEQUE), key=uuid4(), by=None)
    with pytest.raises(Refused, match="cheques_hold_less"):
        take_to_bank(cast.school, Account.Kind.CHEQUES, 501, key=uuid4(), by=None)
    key = uuid4()
    for _ in range(2):
        take_to_bank(cast.school, Account.Kind.CHEQUES, 500, key=key, by=None)
    assert open_school_account(cast.school, Account.Kind.CHEQUES).balance_minor == 0
    take_to_bank(cast.school, Account.Kind.SAFE, 100, key=uuid4(), by=None)
    assert verify_ledger().ok


def test_a_drawer_that_is_open_from_an_earlier_day_is_known_and_keeps_its_day(cast):
    drawer = office_drawer(cast.school)
    session = open_session_of(drawer)
    assert left_open(cast.school, session.day) == []
    assert left_open(cast.school, session.day.replace(year=session.day.year + 1)) == [session]


def test_a_drawers_name_is_its_own_and_a_till_has_one(cast):
    add_drawer(cast.school, "Till 1", terminal=cast.till, by=None)
    with pytest.raises(Refused, match="drawer_name_taken"):
        add_drawer(cast.school, "Till 1", by=None)
    with pytest.raises(Refused, match="till_has_a_drawer"):
        add_drawer(cast.school, "Another", terminal=cast.till, by=None)


def test_what_is_not_this_schools_is_unknown(cast):
    with pytest.raises(Refused, match="drawer_unknown"):
        require_drawer(cast.school, uuid4())
    with pytest.raises(Refused, match="receipt_unknown"):
        require_pay_in(cast.school, uuid4())
