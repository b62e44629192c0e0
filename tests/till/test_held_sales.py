"""No key that a caller chooses is a row's id, and one sale that can't be settled stops no other."""

import json

import pytest
from click.testing import CliRunner
from django.db import IntegrityError

from willing import cli
from willing.audit.models import Entry
from willing.core.ids import derive_id, new_id
from willing.ledger.actions import pay_in
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.ops.health import conditions
from willing.privacy import retention_job
from willing.privacy.retention_job import run_retention
from willing.till import payment
from willing.till.baskets import add_product
from willing.till.identification import identify_by_card
from willing.till.models import Refund, Sale
from willing.till.payment import HeldSales, confirm_basket, settle_held_sales, settle_sale
from willing.till.refunds import RefundedBy, refund_sale


def hold(cast, monkeypatch, name="Carl", terminal=None):
    """Return a sale whose process died between hold and settle."""
    terminal = terminal or cast.till
    basket = add_product(terminal, cast.meal)
    identify_by_card(terminal, basket.id, cast.cards[name])
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(payment, "settle_sale", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        confirm_basket(terminal, basket.id)
    return Sale.objects.get(basket=basket)


def ids_to_come(sale):
    """Every id that could be known beforehand of what a held sale still leads to."""
    held = sale.wallet_hold
    return [derive_id(held.id, "settle"), derive_id(held.id, "void"), held.id, sale.id]


def test_a_pay_in_under_a_chosen_key_blocks_no_sale(cast, monkeypatch):
    sale = hold(cast, monkeypatch)
    before = available_minor(cast.person("Ada"))
    for key in ids_to_come(sale):
        pay_in(cast.person("Ada"), 100, key=key, by=cast.user("office"))
    assert available_minor(cast.person("Ada")) == before + 400
    assert settle_held_sales() == HeldSales(1)
    assert run_retention().failed == {}
    assert verify_ledger().ok


def test_no_transfer_has_an_id_that_somebody_sent(cast):
    key = new_id()
    assert pay_in(cast.person("Ada"), 100, key=key) == pay_in(cast.person("Ada"), 100, key=key)
    assert not Transfer.objects.filter(pk=key).exists()


def test_one_form_key_for_two_refunds_gives_each_its_own(cast):
    key, sales = new_id(), []
    for name in ("Ada", "Carl"):
        basket = add_product(cast.till, cast.meal)
        identify_by_card(cast.till, basket.id, cast.cards[name])
        sales.append(confirm_basket(cast.till, basket.id))
    by = RefundedBy(user=cast.user("office"))
    refunds = [refund_sale(sale.id, key=key, by=by) for sale in sales]
    assert refund_sale(sales[0].id, key=key, by=by) == refunds[0]
    assert Refund.objects.count() == 2
    assert not Refund.objects.filter(pk=key).exists()
    assert verify_ledger().ok


def test_one_sale_that_cannot_be_settled_stops_no_other_and_is_reported(cast, monkeypatch):
    stuck, other = hold(cast, monkeypatch), hold(cast, monkeypatch, "Ada", cast.other_till)
    plain = settle_sale

    def settle(sale_id):
        if sale_id == stuck.id:
            raise IntegrityError
        return plain(sale_id)

    monkeypatch.setattr(payment, "settle_sale", settle)
    monkeypatch.setattr(cli, "_set_up", lambda: None)
    done = CliRunner().invoke(cli.main, ["retention", "run"])
    assert done.exit_code == 1
    assert "failed: held_sales" in done.output
    other.refresh_from_db()
    assert other.state == "settled"
    facts = json.loads(bytes(Entry.objects.get(event="sale.settlement_failed").hashed))["facts"]
    assert facts == {"sale": str(stuck.id), "fault": "IntegrityError"}
    assert "nightly_parts" in {one.code for one in conditions(cast.school) if not one.is_ok}
    monkeypatch.setattr(payment, "settle_sale", plain)
    assert CliRunner().invoke(cli.main, ["retention", "run"]).exit_code == 0
    assert "nightly_parts" not in {one.code for one in conditions(cast.school) if not one.is_ok}
    stuck.refresh_from_db()
    assert stuck.state == "settled"


@pytest.mark.parametrize("broken", ["templates", "cards", "sessions"])
def test_a_part_of_the_night_that_fails_stops_no_other_part(cast, monkeypatch, broken):
    run = []

    def fail(*_):
        raise OSError("the disk")

    plain = retention_job._purge
    monkeypatch.setattr(
        retention_job,
        "_purge",
        lambda one, school: fail() if one.kind == broken else (run.append(one.kind), plain(one, school))[1],
    )
    if broken == "templates":
        monkeypatch.setattr(retention_job, "purge_faces", fail)
    done = run_retention()
    assert done.failed == {broken: "OSError"}
    assert set(run) == {one.kind for one in retention_job.PURGES} - {broken}
    assert Entry.objects.filter(event="retention.failed").count() == 1
    assert not Entry.objects.filter(event="retention.completed").exists()
