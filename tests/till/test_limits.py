"""How much may be spent in a day, and for how much a face alone may pay."""

import json
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from tests.support.clocks import stopped_at
from tests.support.till import pay

from willing.audit.models import Entry
from willing.core.errors import Refused
from willing.ledger.queries import available_minor
from willing.people.guardians import add_guardian, unlink_guardians
from willing.people.models import GuardianLink
from willing.people.places import small_sum_minor
from willing.till.baskets import add_product, remove_product, show_basket
from willing.till.face_identification import face_offer, open_face_session, stop_session
from willing.till.identification import identify_by_card
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import Limit, NewLimits, Owners, PersonLimits, Spent, decide_limit
from willing.till.limits import limits_of, set_limits, spent_today
from willing.till.models import Basket
from willing.till.payment import confirm_basket
from willing.till.products import ProductDetails, add_to_menu
from willing.till.refunds import RefundedBy, refund_sale
from willing.till.rules import (
    FaceOffer,
    FaceSituation,
    Item,
    decide_face_offer,
    total_minor,
)
from willing.till.school_limits import NewSchoolLimits, set_school_face_limit, set_school_limits

MEAL, JUICE = Item(250, 1, True), Item(90, 1, False)


def within_day(items, wallet, spent, daily):
    limits, spent_today = PersonLimits(daily, 1500), Spent(wallet_minor=spent)
    return decide_limit(items, wallet, spent_today, limits, by_face_alone=False) is Limit.NONE


DAYS = [
    ("no limit", [MEAL, JUICE], 10_000, None, True),
    ("within", [MEAL, JUICE], 60, 400, True),
    ("the extras go beyond", [MEAL, JUICE], 61, 400, False),
    ("a meal alone goes beyond", [MEAL], 400, 400, True),
    ("two meals go beyond", [Item(250, 2, True)], 0, 400, False),
    ("extras alone go beyond", [JUICE], 0, 0, False),
]


@pytest.mark.parametrize(
    ("items", "spent", "daily", "fits"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS]
)
def test_a_limit_for_the_day_never_refuses_a_main_meal(items, spent, daily, fits):
    assert within_day(items, total_minor(items), spent, daily) is fits


def test_what_the_school_pays_is_not_the_familys_to_limit():
    assert within_day([MEAL, JUICE], 90, 0, 90)
    assert not within_day([MEAL, JUICE], 91, 0, 90)


def test_a_guardian_sets_what_may_be_spent_in_a_day(cast):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    set_limits(ada, NewLimits(daily_minor=400), by=gus)
    sale = pay(cast, "Ada", cast.meal, cast.extra)
    with pytest.raises(Refused, match="daily_limit_reached"):
        pay(cast, "Ada", cast.extra)
    remove_product(cast.till, cast.extra.id)
    assert pay(cast, "Ada", cast.meal).receipt_number  # over the limit, and sold
    assert available_minor(ada) == 2000 - 340 - 250
    by = RefundedBy(user=cast.user("office"))
    refund_sale(sale.id, key=sale.id, by=by)
    assert pay(cast, "Ada", cast.extra).receipt_number  # what was given back is not spent
    set_limits(ada, NewLimits(), by=gus)
    assert pay(cast, "Ada", cast.extra).receipt_number
    facts = json.loads(bytes(Entry.objects.filter(event="limits.set").first().hashed))["facts"]
    assert facts == {
        "daily": 400,
        "face_daily": None,
        "purchase": None,
        "weekly": None,
        "by": None,
        "guardian": str(gus.id),
    }


def test_of_two_guardians_and_the_school_the_strictest_limit_stands_and_none_lifts_anothers(cast):
    ada, gus, gil = cast.person("Ada"), cast.guardian("Gus"), add_guardian(cast.person("Ada"), "Gil")
    set_school_limits(cast.school, NewSchoolLimits(weekly_minor=900), by=cast.user("office"))
    set_limits(ada, NewLimits(purchase_minor=100, daily_minor=600), by=gus)
    set_limits(ada, NewLimits(purchase_minor=200, daily_minor=500), by=gil)
    held = limits_of(ada)
    assert (held.purchase_minor, held.daily_minor, held.weekly_minor) == (100, 500, 900)
    assert held.owners == Owners(daily=gil.id, face_daily=gil.id, purchase=gus.id)
    assert SpendingLimits.objects.filter(person=ada).count() == 2
    assert pay(cast, "Ada", cast.extra).wallet_minor == 90
    with pytest.raises(Refused, match="purchase_limit_reached"):
        pay(cast, "Ada", cast.extra, cast.extra)
    remove_product(cast.till, cast.extra.id)
    remove_product(cast.till, cast.extra.id)
    set_limits(ada, NewLimits(), by=gus)
    assert limits_of(ada).purchase_minor == 200
    unlink_guardians([GuardianLink.objects.get(guardian=gil).pk])
    assert limits_of(ada) == PersonLimits(None, 900, None, 900)  # who is no guardian limits nobody
    assert pay(cast, "Ada", cast.extra, cast.extra, cast.extra).wallet_minor == 270


def test_a_week_is_counted_from_its_first_day_and_what_went_back_is_not_spent(cast):
    ada, gus = cast.person("Ada"), cast.guardian("Gus")
    set_limits(ada, NewLimits(weekly_minor=400), by=gus)
    with stopped_at(datetime(2026, 11, 22, 12, tzinfo=UTC)):  # a Sunday: last week
        pay(cast, "Ada", cast.meal)
    with stopped_at(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        first = pay(cast, "Ada", cast.meal)
    with stopped_at(datetime(2026, 11, 25, 12, tzinfo=UTC)):
        pay(cast, "Ada", cast.extra)
        assert spent_today(ada) == Spent(90, 0, week_wallet_minor=340)
    with stopped_at(datetime(2026, 11, 26, 12, tzinfo=UTC)):
        with pytest.raises(Refused, match="weekly_limit_reached"):
            pay(cast, "Ada", cast.extra)
        remove_product(cast.till, cast.extra.id)
        pay(cast, "Ada", cast.meal)  # over the limit, and sold
        refund_sale(first.id, key=first.id, by=RefundedBy(user=cast.user("office")))
        with pytest.raises(Refused, match="weekly_limit_reached"):
            pay(cast, "Ada", cast.extra)
        set_limits(ada, NewLimits(weekly_minor=430), by=gus)
        assert confirm_basket(cast.till, show_basket(cast.till).id).wallet_minor == 90
    with stopped_at(datetime(2026, 11, 30, 12, tzinfo=UTC)):
        assert spent_today(ada) == Spent()


def test_only_a_person_s_own_guardian_sets_their_limits(cast):
    with pytest.raises(Refused, match="not_a_guardian"):
        set_limits(cast.person("Ada"), NewLimits(100), by=cast.guardian("Gwen"))
    assert not SpendingLimits.objects.exists()


def test_a_limit_for_faces_stands_before_the_first_face_purchase(cast):
    ada, office = cast.person("Ada"), cast.user("office")
    assert limits_of(ada).face_daily_minor == small_sum_minor("GBP") == 1500
    set_limits(ada, NewLimits(face_daily_minor=300), by=cast.guardian("Gus"))
    assert limits_of(ada).face_daily_minor == 300
    set_school_face_limit(cast.school, 200, by=office)
    assert limits_of(ada).face_daily_minor == 200  # never more than the school's


def by_face(cast, *products):
    """Put products into the basket and let it be identified as a face would, without a camera."""
    for product in products:
        basket = add_product(cast.till, product)
    shown = {"state": "identified", "person": cast.person("Ada"), "way": "face"}
    Basket.objects.filter(pk=basket.pk).update(**shown)
    return basket


def test_a_face_alone_pays_small_sums_and_the_same_basket_is_paid_by_card(cast):
    set_limits(cast.person("Ada"), NewLimits(face_daily_minor=300), by=cast.guardian("Gus"))
    assert confirm_basket(cast.till, by_face(cast, cast.meal).id).way == "face"
    basket = by_face(cast, cast.extra)
    with pytest.raises(Refused, match="face_used_up"):
        confirm_basket(cast.till, basket.id)
    basket.refresh_from_db()
    assert basket.is_face_used_up
    assert (basket.state, basket.person) == ("open", None)
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    assert confirm_basket(cast.till, basket.id).way == "card"
    basket = by_face(cast, cast.extra)
    Basket.objects.filter(pk=basket.pk).update(claim="card")  # card and face together: no small limit
    assert confirm_basket(cast.till, basket.id).way == "face"


@pytest.mark.face
def test_a_basket_too_big_for_a_face_alone_asks_for_a_card_first(cast):
    feast = add_to_menu(cast.school, ProductDetails("Feast", 1501, "meal"))
    basket = add_product(cast.till, feast)
    assert face_offer(basket) is FaceOffer.AFTER_CLAIM
    with pytest.raises(Refused, match="face_limit_reached"):
        open_face_session(cast.till, basket.id, key="1")


def offered(cast):
    basket = show_basket(cast.till)
    assert basket is not None
    return face_offer(basket)


@pytest.mark.face
def test_the_face_is_no_longer_offered_once_three_looks_are_used(cast):
    basket = add_product(cast.till, cast.meal)
    for key in ("1", "2", "3"):
        assert offered(cast) is FaceOffer.ALONE
        stop_session(cast.till, open_face_session(cast.till, basket.id, key=key).id)
    assert offered(cast) is FaceOffer.NONE


OFFERS = [
    ("not taken here", {"is_taken": False}, FaceOffer.NONE),
    ("looks used up", {"looks": 3}, FaceOffer.NONE),
    ("open, search allowed", {}, FaceOffer.ALONE),
    ("open, only 1:1", {"may_identify": False}, FaceOffer.AFTER_CLAIM),
    ("shown by card", {"is_open": False, "claim": "card"}, FaceOffer.CONFIRM),
    ("shown by PIN", {"is_open": False, "claim": "pin"}, FaceOffer.CONFIRM),
    ("shown, nothing stored", {"is_open": False, "claim": "pin", "may_verify": False}, FaceOffer.NONE),
    ("shown by staff", {"is_open": False, "claim": "staff"}, FaceOffer.NONE),
    ("shown by face", {"is_open": False, "claim": "face"}, FaceOffer.NONE),
    ("paid", {"is_open": False}, FaceOffer.NONE),
]


@pytest.mark.parametrize(("changed", "offer"), [row[1:] for row in OFFERS], ids=[row[0] for row in OFFERS])
def test_what_a_face_can_do_for_a_basket(changed, offer):
    usual = {"is_taken": True, "looks": 0, "is_open": True, "may_identify": True, "claim": ""}
    assert decide_face_offer(FaceSituation(**{"may_verify": True, **usual, **changed})) is offer


def test_the_database_knows_a_claim_only_with_a_face(cast):
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Ada"])
    for wrong in ({"claim": "card"}, {"way": "face", "claim": "staff"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Basket.objects.filter(pk=basket.pk).update(**wrong)
