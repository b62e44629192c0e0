"""What the till decides, by table: who pays, what a face may do, what is over by time."""

from collections import Counter
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from willing.till import rules
from willing.till.limit_rules import (
    Limit,
    PersonLimits,
    Spent,
    decide_limit,
    is_small_sum,
    is_within,
)
from willing.till.rules import (
    Expiry,
    FaceOffer,
    FaceSituation,
    Funding,
    Granted,
    Item,
    MealNotice,
    Payer,
    PaymentPart,
    decide_expiry,
    decide_face_offer,
    decide_funding,
    decide_meal_notice,
    divide,
    expires_in_seconds,
    repeats_of,
    total_minor,
)

MEAL, EXTRA = Item(250, 1, is_main_meal=True), Item(90, 1, is_main_meal=False)
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("items", "available", "grace", "expected"),
    [
        ([MEAL], 250, 1500, Funding(250, 0, 0)),
        ([MEAL], 0, 1500, Funding(250, 0, 0)),  # from the grace
        ([MEAL], -1400, 1500, Funding(100, 0, 150)),  # the last of the grace, the rest from the school
        ([MEAL], -1500, 1500, Funding(0, 0, 250)),  # beyond the grace the school carries it all
        ([MEAL], 0, 0, Funding(0, 0, 250)),
        ([MEAL, EXTRA], 340, 1500, Funding(340, 0, 0)),
        ([MEAL, EXTRA], 90, 1500, Funding(340, 0, 0)),  # the extra is covered, the meal goes on the grace
        ([MEAL, EXTRA], 89, 1500, None),
        ([MEAL, EXTRA], 200, 1500, Funding(340, 0, 0)),
        ([MEAL, Item(1, 1, is_main_meal=False)], 0, 1500, None),
        ([EXTRA], 1000, 1500, Funding(90, 0, 0)),
        ([EXTRA], 89, 1500, None),
        ([EXTRA], -10, 1500, None),
        ([Item(250, 2, is_main_meal=True)], 0, 1500, None),  # one main meal, not two
        ([Item(250, 2, is_main_meal=True)], 250, 1500, Funding(500, 0, 0)),
        (
            [MEAL, Item(400, 1, is_main_meal=True)],
            250,
            1500,
            Funding(650, 0, 0),
        ),  # the dearer one is the meal
        ([MEAL, Item(400, 1, is_main_meal=True)], 249, 1500, None),
        ([Item(1, 1, is_main_meal=True)], 0, 1500, Funding(1, 0, 0)),
        ([Item(1, 1, is_main_meal=False)], 0, 1500, None),
        ([Item(1, 1, is_main_meal=False)], 1, 1500, Funding(1, 0, 0)),
        ([], 0, 1500, Funding(0, 0, 0)),
        ([], -5, 1500, Funding(0, 0, 0)),
    ],
)
def test_who_pays_for_what(items, available, grace, expected):
    assert decide_funding(items, available, grace) == expected


@pytest.mark.parametrize(
    ("items", "available", "allowance", "expected"),
    [
        ([MEAL], 1000, 250, Funding(0, 250, 0)),
        ([MEAL], 1000, 100, Funding(150, 100, 0)),
        ([MEAL, EXTRA], 1000, 300, Funding(40, 300, 0)),  # what is left of it goes into the extra
        ([MEAL, EXTRA], 90, 250, Funding(90, 250, 0)),
        ([MEAL, EXTRA], 89, 250, None),
        ([EXTRA], 0, 90, Funding(0, 90, 0)),
        ([MEAL], 0, 100, Funding(150, 100, 0)),  # the rest on the grace, as for anybody
        ([MEAL], -1, 250, Funding(0, 250, 0)),  # nothing is left to pay, whatever the balance
        ([MEAL], -1600, 100, Funding(0, 100, 150)),
        ([MEAL, EXTRA], 30, 310, Funding(30, 310, 0)),  # more than the meal: some of the extra too
        ([MEAL, EXTRA], 29, 310, None),
    ],
)
def test_a_sum_is_spent_first(items, available, allowance, expected):
    assert decide_funding(items, available, 1500, Granted(sum_minor=allowance)) == expected


@pytest.mark.parametrize(
    ("items", "available", "granted", "expected"),
    [
        ([MEAL], 0, Granted(0), Funding(0, 250, 0, 250)),
        ([MEAL], 1000, Granted(40), Funding(40, 210, 0, 210)),  # reduced: the family pays 40 of it
        ([MEAL], 1000, Granted(300), Funding(250, 0, 0)),  # costs less than the family's share
        ([MEAL, MEAL], 1000, Granted(0), Funding(250, 250, 0, 250)),  # one a day
        ([MEAL, EXTRA], 90, Granted(0), Funding(90, 250, 0, 250)),
        ([MEAL, EXTRA], 89, Granted(0), None),  # an extra is paid
        ([EXTRA], 89, Granted(0), None),
        ([EXTRA], 0, Granted(0, 90), Funding(0, 90, 0)),
        ([MEAL, EXTRA], 0, Granted(0, 90), Funding(0, 340, 0, 250)),
        ([MEAL, EXTRA], 90, Granted(40, 30), Funding(100, 240, 0, 210)),
        ([MEAL], -1500, Granted(40), Funding(0, 210, 40, 210)),  # the family's share is carried, as any meal
        ([], 0, Granted(0, 100), Funding(0)),
    ],
)
def test_a_free_meal_pays_for_one_main_meal_and_a_sum_for_the_rest(items, available, granted, expected):
    assert decide_funding(items, available, 1500, granted) == expected


@pytest.mark.parametrize(
    ("basket", "total"),
    [([], 0), ([MEAL], 250), ([Item(90, 3, is_main_meal=False)], 270), ([MEAL, EXTRA, EXTRA], 430)],
)
def test_a_basket_costs_the_sum_of_its_lines(basket, total):
    assert total_minor(basket) == total


@pytest.mark.parametrize(
    ("basket", "wallet", "spent", "daily", "is_within"),
    [
        ([EXTRA], 90, 10_000, None, True),  # no limit
        ([EXTRA], 90, 410, 500, True),
        ([EXTRA], 90, 100, 500, True),
        ([EXTRA], 90, 411, 500, False),
        ([EXTRA], 0, 500, 500, True),  # the school pays
        ([EXTRA], 90, 0, 0, False),  # a limit of nothing is a limit
        ([MEAL], 250, 500, 500, True),  # one main meal always fits …
        ([Item(400, 1, is_main_meal=True)], 400, 500, 500, True),
        ([MEAL, EXTRA], 340, 500, 500, False),  # … and nothing else with it
        ([MEAL, EXTRA], 340, 160, 500, True),
        ([Item(250, 2, is_main_meal=True)], 500, 1, 500, False),
        ([MEAL, Item(400, 1, is_main_meal=True)], 650, 0, 500, False),
        ([Item(1, 1, is_main_meal=False)], 1, 500, 500, False),
        ([], 0, 501, 500, True),
    ],
)
def test_a_basket_fits_into_the_day_or_is_one_main_meal(basket, wallet, spent, daily, is_within):
    limits, spent_today = PersonLimits(daily, 0), Spent(wallet_minor=spent)
    found = decide_limit(basket, wallet, spent_today, limits, by_face_alone=False)
    assert found is (Limit.NONE if is_within else Limit.DAY)


@pytest.mark.parametrize(
    ("basket", "paid_by_face", "face_daily", "by_face_alone", "limit"),
    [
        ([EXTRA], 0, 90, True, Limit.NONE),
        ([EXTRA], 0, 89, True, Limit.FACE),
        ([EXTRA], 0, 89, False, Limit.NONE),  # with a card or PIN it is no matter
        ([EXTRA], 1410, 1500, True, Limit.NONE),
        ([EXTRA], 1411, 1500, True, Limit.FACE),
        ([MEAL], 0, 0, True, Limit.FACE),  # a main meal too: the card is there
        ([MEAL, EXTRA], 0, 300, True, Limit.FACE),  # before the day's
    ],
)
def test_a_face_alone_pays_small_sums_only(basket, paid_by_face, face_daily, by_face_alone, limit):
    spent, limits = (
        Spent(by_face_alone_minor=paid_by_face),
        PersonLimits(300 if len(basket) > 1 else None, face_daily),
    )
    assert decide_limit(basket, total_minor(basket), spent, limits, by_face_alone=by_face_alone) is limit


FACES = FaceSituation(is_taken=True, looks=0, is_open=True, may_identify=True, claim="", may_verify=False)


@pytest.mark.parametrize(
    ("change", "offer"),
    [
        ({}, FaceOffer.ALONE),
        ({"looks": 2}, FaceOffer.ALONE),
        ({"looks": 3}, FaceOffer.NONE),
        ({"looks": 4}, FaceOffer.NONE),
        ({"is_taken": False}, FaceOffer.NONE),
        ({"may_identify": False}, FaceOffer.AFTER_CLAIM),
        ({"may_identify": False, "claim": "card", "may_verify": True}, FaceOffer.AFTER_CLAIM),
        ({"is_open": False}, FaceOffer.NONE),
        ({"is_open": False, "claim": "card"}, FaceOffer.NONE),
        ({"is_open": False, "may_verify": True}, FaceOffer.NONE),
        ({"is_open": False, "claim": "face", "may_verify": True}, FaceOffer.NONE),
        ({"is_open": False, "claim": "card", "may_verify": True}, FaceOffer.CONFIRM),
        ({"is_open": False, "claim": "pin", "may_verify": True}, FaceOffer.CONFIRM),
        ({"is_open": False, "claim": "pin", "may_verify": True, "looks": 3}, FaceOffer.NONE),
        ({"is_open": False, "claim": "pin", "may_verify": True, "is_taken": False}, FaceOffer.NONE),
    ],
)
def test_what_a_face_can_do_for_a_basket(change, offer):
    assert decide_face_offer(replace(FACES, **change)) is offer


@pytest.mark.parametrize(
    ("seconds", "is_shown", "over"),
    [
        (0, False, Expiry.NONE),
        (0, True, Expiry.NONE),
        (29, True, Expiry.NONE),
        (30, True, Expiry.SHOWN),
        (31, True, Expiry.SHOWN),
        (180, False, Expiry.NONE),
        (3599, True, Expiry.SHOWN),
        (3599, False, Expiry.NONE),
        (3600, True, Expiry.BASKET),
        (3600, False, Expiry.BASKET),
        (7200, False, Expiry.BASKET),
        (-29, True, Expiry.NONE),  # clocks differ by a little
        (-30, True, Expiry.SHOWN),
        (-60, False, Expiry.NONE),
        (-61, True, Expiry.BASKET),
        (-61, False, Expiry.BASKET),
    ],
)
def test_a_name_is_over_after_30_seconds_and_a_basket_after_an_hour(seconds, is_shown, over):
    assert decide_expiry(NOW, NOW + timedelta(seconds=seconds), is_shown=is_shown) is over


def test_what_the_database_and_the_screens_call_them():
    assert [offer.value for offer in FaceOffer] == ["alone", "after_claim", "confirm", ""]
    assert [over.value for over in Expiry] == ["", "shown", "basket"]


@pytest.mark.parametrize("value", [MEAL, Funding(1, 2), FACES], ids=repr)
def test_what_was_decided_cannot_be_changed(value):
    field = next(iter(value.__dataclass_fields__))
    with pytest.raises(FrozenInstanceError):
        setattr(value, field, 9)


def test_the_bounds_that_the_documents_name():
    assert rules.FACE_SESSIONS_A_BASKET == 3
    assert (rules.BASKET_MINUTES_MAX, rules.SHOWN_SECONDS_MAX) == (60, 30)


items = st.lists(
    st.builds(Item, st.integers(1, 900), st.integers(1, 3), st.booleans()), min_size=1, max_size=5
)


@given(
    items=items,
    available=st.integers(-2000, 5000),
    grace=st.integers(0, 2000),
    allowance=st.integers(0, 1000),
    share=st.none() | st.integers(0, 400),
)
def test_the_parts_make_the_whole_and_the_wallet_stays_within_the_grace(
    items, available, grace, allowance, share
):
    funding = decide_funding(items, available, grace, Granted(share, allowance))
    if funding is not None:
        assert funding.total_minor == total_minor(items)
        assert min(funding.wallet_minor, funding.entitled_minor, funding.carried_minor) >= 0
        assert 0 <= funding.free_meal_minor <= funding.entitled_minor <= allowance + funding.free_meal_minor
        assert share is not None or funding.free_meal_minor == 0
        assert funding.wallet_minor <= max(0, available + grace)


@given(
    items=items,
    categories=st.lists(st.sampled_from(["meal", "side", "drink"]), min_size=5, max_size=5),
    available=st.integers(-2000, 5000),
    allowance=st.integers(0, 1000),
    share=st.none() | st.integers(0, 400),
)
def test_what_each_pays_for_each_category_is_what_each_pays_and_each_sold(
    items, categories, available, allowance, share
):
    items = [replace(item, category=category) for item, category in zip(items, categories, strict=False)]
    funding = decide_funding(items, available, 500, Granted(share, allowance))
    if funding is None:
        return
    parts = divide(items, funding)
    paid, sold = Counter[str](), Counter[str]()
    for part in parts:
        assert part.amount_minor > 0
        paid[part.payer] += part.amount_minor
        sold[part.category] += part.amount_minor
    sums = {"wallet": funding.wallet_minor, "entitlement": funding.entitled_minor}
    assert paid == Counter(sums | {"carried": funding.carried_minor})
    due = Counter[str]()
    for item in items:
        due[item.category] += item.price_minor * item.quantity
    assert sold == due
    assert len(parts) <= len(paid) + len(due)


def test_the_schools_money_goes_to_the_meal_first():
    drink, meal = Item(90, 1, is_main_meal=False, category="drink"), replace(MEAL, category="meal")
    assert divide([drink, meal], Funding(40, 250, 50)) == [
        PaymentPart(Payer.ENTITLEMENT, "meal", 250),
        PaymentPart(Payer.CARRIED, "drink", 50),
        PaymentPart(Payer.WALLET, "drink", 40),
    ]
    assert divide([drink, meal], Funding(140, 200, 0)) == [
        PaymentPart(Payer.ENTITLEMENT, "meal", 200),
        PaymentPart(Payer.WALLET, "meal", 50),
        PaymentPart(Payer.WALLET, "drink", 90),
    ]
    assert divide([], Funding(0)) == []


@given(
    price=st.integers(1, 900),
    available=st.integers(-2000, 5000),
    grace=st.integers(0, 2000),
    allowance=st.integers(0, 1000),
    share=st.none() | st.integers(0, 400),
)
def test_no_balance_ever_refuses_one_main_meal(price, available, grace, allowance, share):
    meal, granted = Item(price, 1, is_main_meal=True), Granted(share, allowance)
    assert decide_funding([meal], available, grace, granted) is not None


@pytest.mark.parametrize(
    ("left_alone_seconds", "is_shown", "seconds"),
    [
        (0, True, rules.SHOWN_SECONDS_MAX + 1),
        (1, True, rules.SHOWN_SECONDS_MAX),
        (rules.SHOWN_SECONDS_MAX - 0.5, True, 1),
        (rules.SHOWN_SECONDS_MAX, True, 1),
        (10**6, True, 1),
        (-30, True, rules.SHOWN_SECONDS_MAX + 1),  # the clock was set back: it is asked again all the same
        (0, False, rules.BASKET_MINUTES_MAX * 60 + 1),
        (90, False, rules.BASKET_MINUTES_MAX * 60 - 89),
        (10**6, False, 1),
    ],
    ids=str,
)
def test_a_screen_asks_again_a_moment_after_something_is_over(left_alone_seconds, is_shown, seconds):
    touched_at = NOW - timedelta(seconds=left_alone_seconds)
    assert expires_in_seconds(touched_at, NOW, is_shown=is_shown) == seconds


def test_what_nobody_has_spent_is_nothing_and_a_limit_is_a_value():
    assert Spent() == Spent(wallet_minor=0, by_face_alone_minor=0, entitled_minor=0, free_meal_minor=0)
    assert rules.QUANTITY_MAX == 20
    with pytest.raises(FrozenInstanceError):
        Spent().wallet_minor = 1  # type: ignore[misc]  # frozen for mypy as well
    with pytest.raises(FrozenInstanceError):
        PersonLimits(1, 1).daily_minor = 2  # type: ignore[misc]  # frozen for mypy as well


@pytest.mark.parametrize(
    ("total", "by_face_before", "is_small"),
    [(999, 0, True), (1000, 0, True), (1001, 0, False), (600, 400, True), (600, 401, False)],
)
def test_a_sum_is_small_up_to_the_bound_with_what_a_face_has_paid_before(total, by_face_before, is_small):
    assert is_small_sum(total, 1000, by_face_before) is is_small
    if not by_face_before:
        assert is_small_sum(total, 1000) is is_small


@pytest.mark.parametrize(
    ("had", "in_basket", "notice"),
    [
        (0, 0, MealNotice.NONE),
        (5, 0, MealNotice.NONE),
        (0, 1, MealNotice.NONE),
        (1, 1, MealNotice.AGAIN),
        (0, 2, MealNotice.AGAIN),
        (2, 1, MealNotice.ASK),
        (1, 2, MealNotice.ASK),
        (0, 3, MealNotice.ASK),
        (11, 1, MealNotice.ASK),
    ],
)
def test_a_second_meal_is_a_quiet_line_and_the_third_asks(had, in_basket, notice):
    assert decide_meal_notice(had, in_basket) is notice


FIRST, SECOND = (NOW, NOW + timedelta(minutes=30)), (NOW + timedelta(minutes=30), NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("minutes", "repeats"),
    [
        ([0], []),
        ([0, 29], [(0, 2)]),
        ([0, 30], []),
        ([0, 1, 30, 31, 59], [(0, 2), (1, 3)]),
        ([0, 60], [(None, 2)]),
        ([0, -1], [(None, 2)]),
        ([60], []),
        ([0, 1, 30, 61], [(None, 4)]),
    ],
)
def test_several_meals_are_counted_by_sitting_and_by_day_where_one_was_outside(minutes, repeats):
    meals = [(NOW + timedelta(minutes=one), 1) for one in minutes]
    assert repeats_of(meals, [FIRST, SECOND]) == repeats


@pytest.mark.parametrize(
    ("one", "name"), [(Granted(), "sum_minor"), (PaymentPart(Payer.WALLET, "", 1), "amount_minor")]
)
def test_what_was_decided_is_not_changed_afterwards(one, name):
    with pytest.raises(FrozenInstanceError):
        setattr(one, name, 2)


def test_without_sittings_the_day_is_one():
    assert repeats_of([(NOW, 2)], []) == [(None, 2)]
    assert repeats_of([(NOW, 1)], []) == []


@pytest.mark.parametrize(
    ("face", "daily", "within"), [(None, 5, True), (5, None, True), (5, 5, True), (6, 5, False), (0, 0, True)]
)
def test_a_face_may_pay_as_much_as_all_ways_and_not_more(face, daily, within):
    assert is_within(face, daily) is within


@pytest.mark.parametrize(
    ("seconds", "asks"), [(0, True), (119, True), (120, False), (121, False), (-1, False), (None, False)]
)
def test_the_same_sum_within_two_minutes_is_asked_about(seconds, asks):
    now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    before = None if seconds is None else now - timedelta(seconds=seconds)
    assert rules.is_repeat(before, now) is asks
