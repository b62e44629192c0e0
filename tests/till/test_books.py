"""Every sale is what moved for it, and `willing ledger verify` names one that is not."""

from uuid import uuid4

import pytest
from django.db import connection
from tests.support.spending import grant_sum
from tests.support.till import fill_basket, pay

from willing.ledger.models import Transfer
from willing.till.books import verify_sales
from willing.till.models import Basket, BasketLine, ReceiptCounter, Sale
from willing.till.receipts import skip_receipts
from willing.till.refunds import RefundedBy, refund_sale


def found():
    return [(one.code, one.about, one.missing) for one in verify_sales().wrong]


def guard_gone(trigger, table):
    on = f"ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {table}_{trigger} {on}")


@pytest.fixture
def sale(cast):
    grant_sum(cast.person("Bo"), 100, by=cast.user("office"))
    for _ in range(7):
        pay(cast, "Bo")  # from the allowance, the grace, and at last carried by the school
    refund_sale(pay(cast, "Bo").id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    return pay(cast, "Carl", cast.meal, cast.extra)


def test_a_sound_school_has_nothing_wrong(sale):
    assert found() == []
    assert verify_sales().sales == 9


@pytest.mark.parametrize("payer", ["entitled_minor", "carried_minor"])
def test_a_sale_that_says_someone_else_paid_is_named(sale, payer):
    Sale.objects.filter(pk=sale.pk).update(wallet_minor=0, **{payer: 340})
    assert found() == [("not_what_moved", sale.id, 0)]


def test_a_sale_without_its_money_is_named_and_money_without_its_sale(sale):
    guard_gone("no_update", "ledger_transfer")
    other = uuid4()
    Transfer.objects.filter(reference=sale.id).update(reference=other)
    assert found() == [("not_what_moved", sale.id, 0), ("moved_for_no_sale", other, 0)]


def test_a_refund_without_its_money_is_named(cast, sale):
    given_back = refund_sale(sale.id, key=uuid4(), by=RefundedBy(user=cast.user("office")))
    given_back.lines.all().delete()
    assert found() == [("not_its_lines", sale.id, 0)]
    given_back.delete()
    assert found() == [("not_what_moved", sale.id, 0), ("not_its_lines", sale.id, 0)]


def test_a_part_of_a_sale_that_says_it_went_back_and_did_not_is_named(cast, sale):
    by = RefundedBy(user=cast.user("office"))
    given_back = refund_sale(sale.id, key=uuid4(), by=by, quantities={cast.extra.id: 1})
    assert found() == []
    Sale.objects.filter(pk=sale.pk).update(refunded_wallet_minor=0)
    assert found() == [("not_what_moved", sale.id, 0)]
    Sale.objects.filter(pk=sale.pk).update(refunded_wallet_minor=given_back.wallet_minor)
    BasketLine.objects.filter(basket=sale.basket_id).update(refunded=1)
    assert found() == [("not_its_lines", sale.id, 0)]


def test_a_paid_basket_without_a_sale_is_named_and_a_sale_of_an_unpaid_one(cast, sale):
    Basket.objects.filter(pk=sale.basket_id).update(state="cancelled")
    lonely = fill_basket(cast)
    Basket.objects.filter(pk=lonely.id).update(state="paid", person=sale.person, way="card")
    named = [("basket_without_its_sale", one, 0) for one in (sale.basket_id, lonely.id)]
    assert sorted(found(), key=str) == sorted(named, key=str)


def test_a_receipt_that_is_missing_is_counted_and_what_a_restore_left_out_is_not(cast, sale):
    skip_receipts(cast.school, 20)
    assert pay(cast, "Carl").receipt_number == 21
    assert found() == []
    ReceiptCounter.objects.update(last=24)
    assert found() == [("receipts_missing", None, 3)]
    ReceiptCounter.objects.all().delete()
    assert found() == [("receipts_missing", None, 0)]
