"""Wrong pay-ins, siblings, gifts and debts: each is a named transfer, once, and never more than is there."""

from uuid import uuid4

import pytest
from tests.support.money import office_drawer, pay_in
from tests.support.till import pay

from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.core.clock import now
from willing.core.errors import Refused
from willing.drawers.actions import take_from_drawer, take_to_bank
from willing.drawers.models import Method
from willing.drawers.pay_ins import Paying, take_pay_in
from willing.drawers.queries import holds_minor
from willing.drawers.sessions import Close, close_session, count_drawer
from willing.ledger.accounts import open_school_account
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import Person
from willing.till.books import verify_sales
from willing.wallets.models import Move
from willing.wallets.moves import (
    forget_words,
    give_to_school,
    move_to_sibling,
    office_writes_off_minor,
    require_pay_in,
    reverse_pay_in,
    write_off,
)


def left(cast, name):
    """Let a person have left the school."""
    Person.objects.filter(given_name=name).update(left_at=now())
    return cast.person(name)


@pytest.fixture
def paid(cast):
    """A pay-in of £20 that was meant to be £2, for Carl."""
    return pay_in(cast.person("Carl"), 2000, key=uuid4())


@pytest.fixture
def reverse(cast, paid):
    def act(amount, *, key=None, words="2 was meant"):
        office = cast.user("office")
        return reverse_pay_in(cast.school, paid.id, amount, words=words, key=key or uuid4(), by=office)

    return act


def test_the_wrong_part_of_a_pay_in_goes_back_to_where_it_was_received(cast, paid, reverse):
    before = open_school_account(cast.school, Account.Kind.BANK).balance_minor
    key = uuid4()
    assert reverse(1800, key=key) == reverse(1800, key=key)
    assert available_minor(cast.person("Carl")) == 2200
    assert open_school_account(cast.school, Account.Kind.BANK).balance_minor == before - 1800
    (moved,) = Transfer.objects.filter(reason="reversal")
    assert (moved.corrects_id, moved.move.words, moved.move.user) == (
        paid.id,
        "2 was meant",
        cast.user("office"),
    )
    assert require_pay_in(cast.school, paid.id).left_minor == 200
    (entry,) = Entry.objects.filter(event="money.pay_in_reversed")
    assert facts_of(entry)["amount"] == 1800
    assert verify_ledger().ok
    assert verify_sales().ok


@pytest.mark.parametrize(("amount", "code"), [(2001, "reversal_too_large"), (0, "amount_not_positive")])
def test_more_than_was_paid_in_or_nothing_is_not_taken_back(reverse, amount, code):
    with pytest.raises(Refused, match=code):
        reverse(amount)
    assert not Move.objects.exists()


def test_what_was_spent_comes_back_down_to_the_schools_grace_and_no_further(cast, reverse):
    for _ in range(14):
        pay(cast, "Carl", cast.meal)  # 500 of 4000 are left, and the grace is 1500
    with pytest.raises(Refused, match="reversal_too_large") as refused:
        reverse(2001)
    assert refused.value.data == {"left_minor": 2000}
    reverse(2000)
    assert available_minor(cast.person("Carl")) == 500 - 2000
    pay(cast, "Carl", cast.meal)  # a main meal is served all the same
    assert verify_ledger().ok


def test_a_reversal_says_why_and_is_of_a_pay_in_of_this_school(cast, reverse):
    with pytest.raises(Refused, match="money_reason_missing"):
        reverse(100, words="  ")
    sale = pay(cast, "Carl")
    moved = Transfer.objects.get(reference=sale.id)
    with pytest.raises(Refused, match="pay_in_unknown"):
        reverse_pay_in(cast.school, moved.id, 10, words="x", key=uuid4(), by=cast.user("office"))


def test_a_guardian_moves_money_between_their_own_children_only(cast):
    nia, wes, ada = (cast.person(one) for one in ("Nia", "Wes", "Ada"))
    gwen, gus, key = cast.guardian("Gwen"), cast.guardian("Gus"), uuid4()
    moved = move_to_sibling(nia, wes, 500, key=key, by=gwen)
    assert move_to_sibling(nia, wes, 500, key=key, by=gwen) == moved
    assert (available_minor(nia), available_minor(wes)) == (1500, 2500)
    for giver, taker, by, code in (
        (nia, nia, gwen, "not_siblings"),
        (nia, wes, gus, "not_a_guardian"),
    ):
        with pytest.raises(Refused, match=code):
            move_to_sibling(giver, taker, 100, key=uuid4(), by=by)
    with pytest.raises(Refused, match="not_siblings"):
        move_to_sibling(nia, ada, 100, key=uuid4(), by=gwen)
    with pytest.raises(Refused, match="balance_too_small") as refused:
        move_to_sibling(nia, wes, 1501, key=uuid4(), by=cast.user("office"))
    assert refused.value.data == {"available_minor": 1500}
    with pytest.raises(Refused, match="amount_not_positive"):
        move_to_sibling(nia, wes, -1, key=uuid4(), by=gwen)
    assert Move.objects.get().guardian == gwen
    assert verify_ledger().ok


def test_someone_who_has_left_gives_to_a_sibling_and_gets_nothing(cast):
    nia, wes, gwen = left(cast, "Nia"), cast.person("Wes"), cast.guardian("Gwen")
    move_to_sibling(nia, wes, 2000, key=uuid4(), by=gwen)
    with pytest.raises(Refused, match="has_left"):
        move_to_sibling(wes, nia, 100, key=uuid4(), by=gwen)


def test_a_gift_to_the_schools_meals_is_a_leavers_choice(cast):
    gus, key = cast.guardian("Gus"), uuid4()
    with pytest.raises(Refused, match="not_a_leaver"):
        give_to_school(cast.person("Ada"), 100, key=uuid4(), by=gus)
    ada = left(cast, "Ada")
    with pytest.raises(Refused, match="not_a_guardian"):
        give_to_school(ada, 100, key=uuid4(), by=cast.guardian("Gwen"))
    assert give_to_school(ada, 2000, key=key, by=gus) == give_to_school(ada, 2000, key=key, by=gus)
    assert available_minor(ada) == 0
    assert open_school_account(cast.school, Account.Kind.GIFTS).balance_minor == 2000
    with pytest.raises(Refused, match="balance_too_small"):
        give_to_school(ada, 1, key=uuid4(), by=gus)


def test_the_debt_of_a_leaver_is_written_off_with_a_reason_and_a_large_one_by_an_administrator(
    cast, monkeypatch
):
    for _ in range(4):
        pay(cast, "Bo")
    office, administrator, key = cast.user("office"), cast.user("administrator"), uuid4()
    with pytest.raises(Refused, match="not_a_leaver"):
        write_off(cast.person("Bo"), words="gone", key=key, by=office)
    bo = left(cast, "Bo")
    with pytest.raises(Refused, match="money_reason_missing"):
        write_off(bo, words="", key=key, by=office)
    monkeypatch.setattr("willing.wallets.moves.OFFICE_WRITES_OFF", 0)
    with pytest.raises(Refused, match="write_off_too_large"):
        write_off(bo, words="gone", key=key, by=office)
    assert office_writes_off_minor(cast.school) == 0
    assert write_off(bo, words="gone", key=key, by=administrator).amount_minor == 1000
    assert write_off(bo, words="gone", key=key, by=administrator).amount_minor == 1000
    assert available_minor(bo) == 0
    assert open_school_account(cast.school, Account.Kind.WRITE_OFF).balance_minor == 1000
    with pytest.raises(Refused, match="no_debt"):
        write_off(bo, words="gone", key=uuid4(), by=administrator)
    assert verify_ledger().ok


def test_what_the_office_wrote_is_forgotten_with_the_persons_name(cast, reverse):
    reverse(100)
    assert forget_words() == 0
    Person.objects.filter(given_name="Carl").update(given_name="", family_name="")
    assert forget_words() == 1
    assert Move.objects.get().words == ""


def test_cash_goes_out_of_its_drawer_while_that_is_open_and_in_no_closed_day(cast):
    office, carl, drawer = cast.user("office"), cast.person("Carl"), office_drawer(cast.school)
    paid = take_pay_in(carl, drawer, Paying(2000), key=uuid4(), by=office).transfer
    reverse_pay_in(cast.school, paid.id, 1800, words="2 was meant", key=uuid4(), by=office)
    drawer.account.refresh_from_db()
    assert drawer.account.balance_minor == 200
    count_drawer(drawer, 200, by=office)
    close_session(drawer, Close(), by=office)
    with pytest.raises(Refused, match="drawer_closed"):
        reverse_pay_in(cast.school, paid.id, 100, words="1 was meant", key=uuid4(), by=office)
    assert available_minor(carl) == 2200


def test_no_more_cash_goes_back_than_lies_in_its_drawer(cast):
    office, carl, drawer = cast.user("office"), cast.person("Carl"), office_drawer(cast.school)
    paid = take_pay_in(carl, drawer, Paying(2000), key=uuid4(), by=office).transfer
    take_from_drawer(drawer, 500, key=uuid4(), by=office)
    with pytest.raises(Refused, match="drawer_holds_less") as refused:
        reverse_pay_in(cast.school, paid.id, 1501, words="2 was meant", key=uuid4(), by=office)
    assert refused.value.data == {"holds": 1500}
    reverse_pay_in(cast.school, paid.id, 1500, words="2 was meant", key=uuid4(), by=office)
    assert holds_minor(drawer) == 0


def test_a_cheque_that_the_bank_sent_back_comes_from_the_bank_and_no_other_cheque_is_missing(cast):
    office, carl, drawer = cast.user("office"), cast.person("Carl"), office_drawer(cast.school)
    bank, cheques = (
        open_school_account(cast.school, one) for one in (Account.Kind.BANK, Account.Kind.CHEQUES)
    )
    before, had = bank.balance_minor, available_minor(carl)
    paying, key = Paying(2000, Method.CHEQUE), uuid4()
    paid = take_pay_in(carl, drawer, paying, key=uuid4(), by=office).transfer
    take_to_bank(cast.school, Account.Kind.CHEQUES, 2000, key=uuid4(), by=office)
    take_pay_in(cast.person("Ada"), drawer, Paying(300, Method.CHEQUE), key=uuid4(), by=office)
    for _ in range(2):
        reverse_pay_in(cast.school, paid.id, 2000, words="not paid", key=key, by=office)
    for one in (bank, cheques):
        one.refresh_from_db()
    assert (bank.balance_minor, cheques.balance_minor, available_minor(carl)) == (before, 300, had)
    assert verify_ledger().ok
