from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from willing.audit.models import Entry
from willing.audit.verify_database import verify_log
from willing.core import clock
from willing.core.errors import Refused
from willing.credentials.cards import issue_card, revoke_cards
from willing.credentials.models import FailedAttempt
from willing.credentials.pins import set_pin
from willing.ledger.actions import open_school_account
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.people.models import School
from willing.people.queries import today
from willing.terminals import devices
from willing.terminals.actions import NewTerminal, add_terminal
from willing.terminals.models import Terminal
from willing.terminals.pairing import pair_terminal, start_pairing
from willing.till import payment
from willing.till.baskets import add_product, cancel_basket, remove_product, show_basket
from willing.till.face_identification import open_face_session
from willing.till.identification import deny_identity, identify_by_card, identify_by_pin, identify_by_staff
from willing.till.menu import find_product_by_barcode
from willing.till.models import BasketLine, Product, Sale
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.reports import day_summary


def basket(cast, *products, terminal=None):
    terminal = terminal or cast.till
    for product in products or (cast.meal,):
        filled = add_product(terminal, product)
    return filled


def pay_by_card(cast, name, *products):
    filled = basket(cast, *products)
    identify_by_card(cast.till, filled.id, cast.cards[name])
    return confirm_basket(cast.till, filled.id)


def test_a_card_pays(cast):
    sale = pay_by_card(cast, "Carl", cast.meal, cast.extra)
    assert (sale.total_minor, sale.receipt_number, sale.way) == (340, 1, "card")
    assert available_minor(cast.person("Carl")) == 1660
    assert show_basket(cast.till) is None


def test_a_pin_pays(cast):
    filled = basket(cast)
    shown = identify_by_pin(cast.till, filled.id, cast.person("Carl").till_number, cast.pins["Carl"])
    assert shown.person == cast.person("Carl")
    assert confirm_basket(cast.till, filled.id).way == "pin"


def test_staff_say_who_pays_and_the_look_is_in_the_log(cast):
    filled = basket(cast)
    identify_by_staff(cast.till, filled.id, cast.person("Carl"), by=cast.user("cashier"))
    assert confirm_basket(cast.till, filled.id).way == "staff"
    assert Entry.objects.filter(event="person.staff_identified", subject=cast.person("Carl").id).count() == 1


def test_confirming_again_and_again_charges_once(cast):
    filled = basket(cast)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    sales = {confirm_basket(cast.till, filled.id).id for _ in range(5)}
    assert len(sales) == 1
    assert available_minor(cast.person("Carl")) == 1750
    assert Transfer.objects.filter(reason="sale").count() == 1


def test_eight_confirmations_at_the_same_moment_charge_once(cast):
    filled, till = basket(cast), cast.till
    identify_by_card(till, filled.id, cast.cards["Carl"])

    def confirm(_):
        try:
            return confirm_basket(till, filled.id).receipt_number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(confirm, range(8))) == {1}
    assert available_minor(cast.person("Carl")) == 1750
    assert verify_ledger().ok


def test_a_crash_after_the_money_moved_leaves_nothing_and_the_next_press_charges_once(cast, monkeypatch):
    filled = basket(cast)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(payment, "next_receipt_number", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        confirm_basket(cast.till, filled.id)
    assert not Sale.objects.exists()
    assert available_minor(cast.person("Carl")) == 2000
    assert confirm_basket(cast.till, filled.id).receipt_number == 1
    assert available_minor(cast.person("Carl")) == 1750


def test_what_is_paid_is_neither_cancelled_nor_denied(cast):
    sale = pay_by_card(cast, "Carl")
    with pytest.raises(Refused, match="basket_closed"):
        cancel_basket(cast.till, sale.basket_id)
    with pytest.raises(Refused, match="basket_closed"):
        deny_identity(cast.till, sale.basket_id)


def test_the_database_refuses_a_second_sale_of_a_basket(cast):
    sale = pay_by_card(cast, "Carl")
    copy = Sale(
        id=uuid4(),
        school=cast.school,
        terminal=sale.terminal,
        basket=sale.basket,
        person=sale.person,
        way="card",
        total_minor=1,
        wallet_transfer=sale.wallet_transfer,
        receipt_number=2,
    )
    with pytest.raises(IntegrityError, match=r"basket_id|wallet_transfer_id"), transaction.atomic():
        copy.save(force_insert=True)
    Sale.objects.filter(pk=sale.pk).update(wallet_transfer=None, meals_transfer=sale.wallet_transfer)
    with pytest.raises(IntegrityError, match="basket_id"), transaction.atomic():
        copy.save(force_insert=True)


def test_receipt_numbers_have_no_gap(cast):
    numbers = [pay_by_card(cast, name).receipt_number for name in ("Carl", "Ada", "Carl", "Bo")]
    assert numbers == [1, 2, 3, 4]


def test_an_empty_balance_still_gets_the_main_meal_up_to_the_grace_and_beyond(cast):
    for _ in range(8):
        assert pay_by_card(cast, "Bo").receipt_number
    # 1500 of grace cover six meals; the school carries the other two.
    assert available_minor(cast.person("Bo")) == -1500
    meals = open_school_account(cast.school, "meals")
    assert meals.debits_posted == 500
    assert verify_ledger().ok


def test_a_changed_grace_applies_at_the_next_sale(cast):
    pay_by_card(cast, "Bo")
    School.objects.update(grace_minor=300)
    pay_by_card(cast, "Bo")
    assert available_minor(cast.person("Bo")) == -300  # the school carries what is beyond
    assert open_school_account(cast.school, "meals").debits_posted == 200
    School.objects.update(grace_minor=2000)
    pay_by_card(cast, "Bo")
    assert available_minor(cast.person("Bo")) == -550


def test_extras_on_an_empty_balance_are_refused_kindly_and_the_basket_stays(cast):
    filled = basket(cast, cast.meal, cast.extra)
    identify_by_card(cast.till, filled.id, cast.cards["Bo"])
    with pytest.raises(Refused, match="extras_not_covered") as refused:
        confirm_basket(cast.till, filled.id)
    assert not any(word in str(refused.value.message).lower() for word in ("balance", "debt", "money", "0"))
    deny_identity(cast.till, filled.id)
    remove_product(cast.till, cast.extra.id)
    identify_by_card(cast.till, filled.id, cast.cards["Bo"])
    assert confirm_basket(cast.till, filled.id).receipt_number


def test_five_wrong_pins_lock_for_five_minutes_and_then_the_right_one_works(cast):
    filled, number = basket(cast), cast.person("Carl").till_number
    codes = []
    for _ in range(6):
        with pytest.raises(Refused) as refused:
            identify_by_pin(cast.till, filled.id, number, "9999")
        codes.append(refused.value.code)
    assert codes == ["pin_wrong"] * 4 + ["pin_locked"] * 2
    with pytest.raises(Refused, match="pin_locked"):
        identify_by_pin(cast.till, filled.id, number, cast.pins["Carl"])
    assert Entry.objects.filter(event="pin.locked").count() == 1
    later = clock.now() + timedelta(minutes=5, seconds=1)
    with clock.running(lambda: later):
        assert identify_by_pin(cast.till, filled.id, number, cast.pins["Carl"]).person is not None


def test_a_locked_pin_leaves_the_card_and_the_other_pupils_alone(cast):
    filled, number = basket(cast), cast.person("Carl").till_number
    for _ in range(5):
        with pytest.raises(Refused):
            identify_by_pin(cast.till, filled.id, number, "9999")
    assert identify_by_pin(cast.till, filled.id, cast.person("Ada").till_number, cast.pins["Ada"]).person
    deny_identity(cast.till, filled.id)
    assert identify_by_card(cast.till, filled.id, cast.cards["Carl"]).person


def test_ten_pins_at_the_same_moment_do_not_outrun_the_lock(cast):
    filled, till, number = basket(cast), cast.till, cast.person("Carl").till_number

    def guess(pin):
        try:
            identify_by_pin(till, filled.id, number, pin)
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(5) as pool:
        codes = list(pool.map(guess, [f"99{n:02}" for n in range(10)]))
    assert sorted(codes) == ["pin_locked"] * 6 + ["pin_wrong"] * 4


def test_a_wrong_number_says_the_same_as_a_wrong_pin(cast):
    filled = basket(cast)
    with pytest.raises(Refused) as nobody:
        identify_by_pin(cast.till, filled.id, 999_999, "9999")
    with pytest.raises(Refused) as wrong:
        identify_by_pin(cast.till, filled.id, cast.person("Carl").till_number, "9999")
    assert (nobody.value.code, nobody.value.message) == (wrong.value.code, wrong.value.message)


def test_a_failed_try_keeps_nothing_of_who_it_was(cast):
    filled = basket(cast)
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, filled.id, "AAAA-BBBB-CCCC")
    kept = {field.name for field in FailedAttempt._meta.get_fields()}
    assert kept == {"id", "terminal", "way", "code", "at"}
    assert FailedAttempt.objects.get().code == "code_unknown"


def test_a_revoked_card_is_unknown_at_once_and_a_new_one_is_free(cast):
    carl = cast.person("Carl")
    assert revoke_cards(carl) == 1
    filled = basket(cast)
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    code = issue_card(carl)
    assert identify_by_card(cast.till, filled.id, code).person == carl
    assert available_minor(carl) == 2000


@pytest.mark.sqlite
def test_card_codes_and_pins_are_not_in_the_database(cast, db):
    connections["default"].close()
    content = b"".join(path.read_bytes() for path in db.iterdir())
    for secret in [*cast.cards.values()]:
        assert secret.encode() not in content


@pytest.mark.parametrize(
    ("pin", "code"), [("12", "pin_not_valid"), ("abcd", "pin_not_valid"), ("1234", "pin_too_simple")]
)
def test_a_pin_that_is_none_or_too_simple_is_refused(cast, pin, code):
    with pytest.raises(Refused, match=code):
        set_pin(cast.person("Carl"), pin)


@pytest.mark.parametrize("ways", [("face",), ("staff",), ("face", "staff"), ()])
def test_a_till_without_a_card_or_a_pin_cannot_be_set_up_by_anybody(cast, ways):
    with pytest.raises(Refused, match="terminal_needs_another_way"):
        add_terminal(cast.school, NewTerminal("Till 9", ways=ways))
    with pytest.raises(IntegrityError, match="terminal_has_a_way_without_face"), transaction.atomic():
        Terminal.objects.create(
            school=cast.school,
            name="Till 9",
            takes_card=False,
            takes_pin=False,
            takes_staff=True,
            takes_face=True,
        )
    with pytest.raises(IntegrityError, match="terminal_has_a_way_without_face"), transaction.atomic():
        Terminal.objects.update(takes_card=False, takes_pin=False)


def test_a_way_that_the_till_does_not_take_is_refused(cast):
    add_terminal(cast.school, NewTerminal("Till 9", ways=("card",)))
    terminal = Terminal.objects.get(name="Till 9")
    filled = basket(cast, terminal=terminal)
    with pytest.raises(Refused, match="way_not_taken"):
        identify_by_pin(terminal, filled.id, 1001, "4711")
    with pytest.raises(Refused, match="way_not_taken"):
        open_face_session(terminal, filled.id, key="1")


def test_states_refuse_what_does_not_belong_to_them(cast):
    with pytest.raises(Refused, match="basket_empty"):
        remove_product(cast.till, cast.meal.id)
    filled = basket(cast)
    with pytest.raises(Refused, match="not_identified"):
        confirm_basket(cast.till, filled.id)
    with pytest.raises(Refused, match="product_unknown"):
        remove_product(cast.till, cast.extra.id)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    with pytest.raises(Refused, match="already_identified"):
        identify_by_card(cast.till, filled.id, cast.cards["Ada"])
    with pytest.raises(Refused, match="already_identified"):
        add_product(cast.till, cast.extra)
    confirm_basket(cast.till, filled.id)
    for action in (cancel_basket, deny_identity):
        with pytest.raises(Refused, match="basket_closed"):
            action(cast.till, filled.id)
    with pytest.raises(Refused, match="basket_unknown"):
        confirm_basket(cast.other_till, filled.id)


def test_an_empty_basket_identifies_nobody(cast):
    filled = basket(cast)
    remove_product(cast.till, cast.meal.id)
    with pytest.raises(Refused, match="basket_empty"):
        identify_by_card(cast.till, filled.id, cast.cards["Carl"])


def test_twenty_one_of_one_thing_is_too_many(cast):
    for _ in range(20):
        filled = add_product(cast.till, cast.meal)
    with pytest.raises(Refused, match="quantity_not_valid"):
        add_product(cast.till, cast.meal)
    with pytest.raises(IntegrityError), transaction.atomic():
        BasketLine.objects.filter(basket=filled).update(quantity=0)


def test_what_is_off_the_menu_is_not_sold(cast):
    Product.objects.update(is_on_sale=False)
    with pytest.raises(Refused, match="product_unknown"):
        add_product(cast.till, cast.meal)
    assert find_product_by_barcode(cast.school, "4006381333931") is None


def test_a_price_that_changes_does_not_change_a_basket(cast):
    filled = basket(cast)
    Product.objects.update(price_minor=999)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, filled.id).total_minor == 250


def test_cancelling_charges_nothing_and_can_be_done_twice(cast):
    filled = basket(cast)
    identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    for _ in range(2):
        assert cancel_basket(cast.till, filled.id).state == "cancelled"
    assert available_minor(cast.person("Carl")) == 2000


def test_a_refund_gives_back_to_where_it_came_from_once(cast):
    for _ in range(6):
        pay_by_card(cast, "Bo")
    sale = pay_by_card(cast, "Bo")  # carried by the school
    by = RefundedBy(user=cast.user("office"), reason="cold")
    key = uuid4()
    assert refund_sale(sale.id, key=key, by=by) == refund_sale(sale.id, key=key, by=by)
    with pytest.raises(Refused, match="already_refunded"):
        refund_sale(sale.id, key=uuid4(), by=by)
    assert available_minor(cast.person("Bo")) == -1500
    assert open_school_account(cast.school, "meals").available_minor == 0
    assert verify_ledger().ok


def allow_refunds(cast, terminal):
    pair_terminal(start_pairing(terminal), key="api")
    devices.allow_refunds(terminal, by=cast.user("office"))


def test_what_is_not_this_tills_is_not_refunded(cast):
    allow_refunds(cast, cast.till)
    allow_refunds(cast, cast.other_till)
    sale = pay_by_card(cast, "Carl")
    with pytest.raises(Refused, match="sale_unknown"):
        refund_sale(sale.id, key=uuid4(), by=RefundedBy(terminal=cast.other_till))


def test_an_old_pairing_code_pairs_nothing(cast):
    code = start_pairing(cast.till)
    later = clock.now() + timedelta(minutes=16)
    with clock.running(lambda: later), pytest.raises(Refused, match="pairing_code_unknown"):
        pair_terminal(code, key="a")


def test_the_day_is_summed_by_way_with_failures_and_refunds(cast):
    pay_by_card(cast, "Carl")
    pay_by_card(cast, "Ada", cast.meal, cast.extra)
    filled = basket(cast)
    with pytest.raises(Refused):
        identify_by_pin(cast.till, filled.id, 1001, "0001")
    identify_by_staff(cast.till, filled.id, cast.person("Bo"), by=cast.user("cashier"))
    sale = confirm_basket(cast.till, filled.id)
    refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    day = day_summary(cast.school, today(cast.school))
    by_way = {way.way: (way.sales, way.total_minor, way.failures) for way in day.ways}
    assert by_way == {"card": (2, 590, 0), "pin": (0, 0, 1), "face": (0, 0, 0), "staff": (1, 250, 0)}
    assert (day.sales, day.total_minor, day.refunds, day.refunded_minor) == (3, 840, 1, 250)


def test_every_sale_is_in_the_log_and_the_log_is_whole(cast):
    sale = pay_by_card(cast, "Carl")
    events = list(Entry.objects.filter(subject=cast.person("Carl").id).values_list("event", flat=True))
    assert events[-1] == "sale.settled"
    assert str(sale.id).encode() in bytes(Entry.objects.last().hashed)
    assert verify_log().ok


def test_who_left_pays_no_more(cast):
    from willing.people.persons import mark_left

    mark_left([cast.person("Carl").id])
    filled = basket(cast)
    with pytest.raises(Refused, match="code_unknown"):
        identify_by_card(cast.till, filled.id, cast.cards["Carl"])
    with pytest.raises(Refused, match="pin_wrong"):
        identify_by_pin(cast.till, filled.id, cast.person("Carl").till_number, cast.pins["Carl"])
    with pytest.raises(Refused, match="person_unknown"):
        identify_by_staff(cast.till, filled.id, cast.person("Carl"), by=cast.user("cashier"))
