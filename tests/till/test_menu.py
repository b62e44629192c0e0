"""The menu: what is on it, what it costs whom, and when it is sold."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from willing.audit.models import Entry
from willing.core import clock
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.ledger.models import Transfer
from willing.people.calendar import add_entry
from willing.people.calendar_rules import CalendarSpan as CalendarEntry
from willing.people.models import YearGroup
from willing.till.baskets import add_product, open_basket
from willing.till.identification import identify_by_card
from willing.till.menu import find_product_by_barcode, menu, whole_menu
from willing.till.menu_models import Barcode, MenuCycle, Product, SpecialPrice
from willing.till.menu_rules import Priced, SoldWhen
from willing.till.payment import confirm_basket
from willing.till.products import (
    PRICE_MINOR_MAX,
    ProductDetails,
    add_to_menu,
    change_product,
    mark_sold_out,
    move_product,
    order_products,
    put_back_on_sale,
    put_on_menu,
    set_menu_cycle,
    take_off_menu,
)
from willing.till.refunds import RefundedBy, refund_sale

TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


def on(day):
    return clock.running(lambda: day)


def names(cast):
    return [one.name for one in menu(cast.school)]


def soup(**said):
    return ProductDetails("Soup", 150, "side", "汤", **said)


def test_a_product_is_added_at_the_end_of_its_category_once(cast):
    first, second = new_id(), add_to_menu(cast.school, ProductDetails("Milk", 70, "drink"))
    assert second.position == 1  # after the juice
    by = cast.user("canteen")
    for _ in range(2):
        added = add_to_menu(cast.school, soup(barcodes=("96385074",)), by=by, product_id=first)
        assert (added.pk, added.position) == (first, 0)
    entry = Entry.objects.get(event="product.added", subject=first)
    facts = json.loads(bytes(entry.hashed))["facts"]
    assert (facts["by"], facts["price"]) == (by.pk, 150)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (ProductDetails(" ", 100, "side"), "product_name_missing"),
        (ProductDetails("  PASTA ", 100, "side"), "product_name_taken"),
        (ProductDetails("Bread", -1, "side"), "price_not_valid"),
        (ProductDetails("Bread", PRICE_MINOR_MAX + 1, "side"), "price_not_valid"),
        (ProductDetails("Bread", 200_000, "side"), "price_unusual"),
        (ProductDetails("Bread", 100, "side", special=(Priced(200_000, kind="staff"),)), "price_unusual"),
        (ProductDetails("Bread", 100, "side", barcodes=("4006381333932",)), "barcode_not_valid"),
        (ProductDetails("Bread", 100, "side", barcodes=("x" * 49,)), "barcode_not_valid"),
        (ProductDetails("Bread", 100, "side", barcodes=("4006381333931",)), "barcode_taken"),
        (
            ProductDetails(
                "Bread", 100, "side", when=SoldWhen(first_day=date(2026, 2, 1), last_day=date(2026, 1, 31))
            ),
            "menu_days_not_valid",
        ),
    ],
)
def test_what_is_no_product_is_refused_by_name_and_leaves_nothing(cast, said, code):
    with pytest.raises(Refused) as refused:
        add_to_menu(cast.school, said)
    assert refused.value.code == code
    assert Product.objects.count() == 2
    assert Barcode.objects.count() == 1


def test_an_unusual_price_is_taken_once_somebody_looked_twice(cast):
    said = ProductDetails("Trip", 200_000, "shop")
    with pytest.raises(Refused, match="price_unusual"):
        add_to_menu(cast.school, said)
    trip = ProductDetails("Trip", 200_000, "shop", confirmed_minor=frozenset({200_000}))
    assert add_to_menu(cast.school, trip).price_minor == 200_000
    with pytest.raises(Refused, match="price_unusual"):
        change_product(
            Product.objects.get(name="Trip"),
            ProductDetails("Trip", 300_000, "shop", confirmed_minor=frozenset({200_000})),
        )


def test_a_change_keeps_what_stays_and_replaces_the_rest(cast):
    year = YearGroup.objects.create(school=cast.school, name="Reception")
    product = add_to_menu(
        cast.school,
        soup(barcodes=("96385074",), special=(Priced(200, kind="staff"), Priced(100, "", year.pk))),
    )
    kept = Barcode.objects.get(product=product)
    again = soup(
        barcodes=("9638-5074", "SOUP 1"),
        special=(Priced(200, kind="staff"),),
        colour="green",
        tax_code=" 20 % ",
        is_pinned=True,
        when=SoldWhen("31", "", date(2026, 1, 1), date(2026, 12, 31)),
    )
    changed = change_product(product, again, by=cast.user("office"))
    assert changed.weekdays == "13"
    assert (changed.colour, changed.tax_code, changed.is_pinned) == ("green", "20 %", True)
    assert {one.code for one in changed.barcodes.all()} == {"00000096385074", "SOUP1"}
    assert Barcode.objects.filter(pk=kept.pk).exists()
    assert [(one.kind, one.price_minor) for one in SpecialPrice.objects.all()] == [("staff", 200)]
    assert Entry.objects.filter(event="product.changed", subject=product.pk).count() == 1


@pytest.mark.steady_clock
def test_a_product_is_sold_on_its_days_only(cast):
    with on(TUESDAY):
        add_to_menu(cast.school, soup(when=SoldWhen(weekdays="2")))
        assert "Soup" in names(cast)
    with on(TUESDAY + timedelta(days=1)):
        assert "Soup" not in names(cast)
        with pytest.raises(Refused, match="product_not_today"):
            add_product(cast.till, Product.objects.get(name="Soup"))


@pytest.mark.steady_clock
def test_a_product_of_the_second_week_comes_back_with_it(cast):
    with on(TUESDAY):
        set_menu_cycle(cast.school, 3, TUESDAY.date(), by=cast.user("canteen"))
        assert MenuCycle.objects.get().first_monday == date(2026, 11, 23)
        add_to_menu(cast.school, soup(when=SoldWhen(menu_weeks="2")))
    sold = []
    for week in range(-1, 5):
        with on(TUESDAY + timedelta(weeks=week)):
            sold.append("Soup" in names(cast))
    assert sold == [False, False, True, False, False, True]
    with on(TUESDAY):
        set_menu_cycle(cast.school, 1, TUESDAY.date())
        assert "Soup" in names(cast), "without a cycle every week is alike"
        with pytest.raises(Refused, match="menu_cycle_not_valid"):
            set_menu_cycle(cast.school, 10, TUESDAY.date())


@pytest.mark.steady_clock
def test_sold_out_lasts_for_the_day_and_is_undone_in_one_press(cast):
    pasta = cast.meal
    with on(TUESDAY):
        for _ in range(2):
            mark_sold_out(pasta, terminal=cast.till)
        assert "Pasta" in names(cast), "the till shows what is sold out"
        with pytest.raises(Refused, match="product_sold_out"):
            add_product(cast.till, cast.meal)
        with pytest.raises(Refused, match="product_sold_out"):
            open_basket(cast.till, uuid4(), [(cast.meal, 1)])
        put_back_on_sale(pasta, by=cast.user("canteen"))
        add_product(cast.till, cast.meal)
        mark_sold_out(pasta)
    with on(TUESDAY + timedelta(days=1)):
        add_product(cast.till, cast.meal)
    assert Entry.objects.filter(event="product.sold_out_set").count() == 2
    assert Entry.objects.filter(event="product.sold_out_undone").count() == 1


def test_what_is_off_the_menu_is_sold_no_more_and_comes_back(cast):
    take_off_menu(cast.extra, by=cast.user("office"))
    assert names(cast) == ["Pasta"]
    assert [one.name for one in whole_menu(cast.school)] == ["Pasta", "Juice"]
    assert find_product_by_barcode(cast.school, "4006381333931") is None
    with pytest.raises(Refused, match="product_unknown"):
        add_product(cast.till, cast.extra)
    with pytest.raises(Refused) as refused:
        add_to_menu(cast.school, ProductDetails("Juice", 90, "drink"))
    assert refused.value.data == {"is_hidden": True}
    put_on_menu(cast.extra)
    assert find_product_by_barcode(cast.school, "4006381333931") == cast.extra


def test_products_are_put_in_order_by_dragging_and_by_steps(cast):
    drinks = [cast.extra, *(add_to_menu(cast.school, ProductDetails(one, 50, "drink")) for one in "ABC")]
    order_products(cast.school, "drink", [drinks[2].pk, drinks[0].pk])
    assert names(cast) == ["Pasta", "B", "Juice", "A", "C"] or names(cast)[:2] == ["B", "Pasta"]
    move_product(drinks[3], -1)
    move_product(drinks[2], -5)
    move_product(drinks[2], 1)
    ordered = [one.name for one in menu(cast.school) if one.category == "drink"]
    assert ordered == ["Juice", "B", "C", "A"]


# --- bar codes


@pytest.mark.parametrize(
    ("stored", "scanned"),
    [
        ("4006381333931", "4006381333931"),
        ("012345678905", "0012345678905"),  # a UPC-A, read as the EAN-13 that it is
        ("0012345678905", "012345678905"),
        ("042100005264", "04252614"),  # a UPC-E and what it stands for
        ("96385074", "96385074"),
        ("00000096385074", "96385074"),
        ("４００６３８１３３３９３１", " 4006381333931 "),
        ("4-006381-333931", "4006381333931"),
        ("meal-1", "MEAL-1"),
        ("17", "17"),
    ],
)
def test_a_scan_finds_a_product_however_its_code_is_written(cast, stored, scanned):
    Barcode.objects.all().delete()
    added = add_to_menu(cast.school, soup(barcodes=(stored,)))
    assert find_product_by_barcode(cast.school, scanned) == added
    assert find_product_by_barcode(cast.school, "4006381333948") is None
    assert find_product_by_barcode(cast.school, "") is None


# --- free items


def test_a_basket_of_free_items_is_sold_with_a_receipt_and_moves_no_money(cast):
    bread = add_to_menu(cast.school, ProductDetails("Bread", 0, "side"))
    moved = Transfer.objects.count()
    for name in ("Carl", "Bo"):
        basket = open_basket(cast.till, uuid4(), [(bread, 2)])
        identify_by_card(cast.till, basket.id, cast.cards[name])
        sale = confirm_basket(cast.till, basket.id)
        assert (sale.total_minor, sale.wallet_minor, sale.carried_minor) == (0, 0, 0)
        assert confirm_basket(cast.till, basket.id) == sale
    assert sale.receipt_number == 2
    assert Entry.objects.filter(event="sale.settled").count() == 2
    assert Transfer.objects.count() == moved
    refund = refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    assert refund.sale == sale
    assert Transfer.objects.count() == moved


def test_a_free_item_beside_a_meal_costs_nothing_more(cast):
    bread = add_to_menu(cast.school, ProductDetails("Bread", 0, "side"))
    basket = open_basket(cast.till, uuid4(), [(cast.meal, 1), (bread, 1)])
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    assert confirm_basket(cast.till, basket.id).wallet_minor == 250


def test_a_saturday_that_is_worked_as_a_friday_has_a_fridays_menu(cast):
    saturday = date(2026, 11, 28)
    add_to_menu(cast.school, soup(when=SoldWhen(weekdays="5")))
    with on(datetime(2026, 11, 28, 12, tzinfo=UTC)):
        assert "Soup" not in names(cast)
        add_entry(cast.school, CalendarEntry("opened", saturday, saturday, as_weekday=5))
        assert "Soup" in names(cast)
