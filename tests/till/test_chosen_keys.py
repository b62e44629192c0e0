"""No key that a caller chooses is a row's id, and one part of the night that fails stops no other."""

import pytest
from click.testing import CliRunner
from tests.support.money import pay_in

from willing import cli
from willing.audit.models import Entry
from willing.config import opening
from willing.core.ids import derive_id, new_id
from willing.ledger.models import Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.ops.health import conditions
from willing.privacy import retention_job
from willing.privacy.retention_job import run_retention
from willing.till.baskets import add_product
from willing.till.identification import identify_by_card
from willing.till.payment import confirm_basket, sale_id_of
from willing.till.refund_models import Refund
from willing.till.refunds import RefundedBy, refund_sale


def ids_to_come(basket):
    """Every id that can be known beforehand of what a basket still leads to."""
    sale = sale_id_of(basket.id)
    order = derive_id(sale, "wallet", "meal")
    return [sale, order, derive_id(order, "transfer", "posted", "sale")]


def test_a_pay_in_under_a_chosen_key_blocks_no_sale(cast):
    basket = add_product(cast.till, cast.meal)
    identify_by_card(cast.till, basket.id, cast.cards["Carl"])
    before = available_minor(cast.person("Ada"))
    for key in ids_to_come(basket):
        pay_in(cast.person("Ada"), 100, key=key, by=cast.user("office"))
    assert available_minor(cast.person("Ada")) == before + 300
    sale = confirm_basket(cast.till, basket.id)
    (paid,) = Transfer.objects.filter(reference=sale.id)
    assert [sale.id, paid.id] == [ids_to_come(basket)[0], ids_to_come(basket)[2]]
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


def test_a_part_of_the_night_that_fails_is_reported_until_a_night_does_all_of_them(cast, monkeypatch):
    def fail():
        raise OSError("the disk")

    monkeypatch.setattr(opening, "prepare_django", lambda: None)
    with monkeypatch.context() as patched:
        patched.setattr(retention_job, "purge_faces", fail)
        done = CliRunner().invoke(cli.main, ["retention", "run"])
    assert done.exit_code == 1
    assert "failed: templates" in done.output
    assert "nightly_parts" in {one.code for one in conditions(cast.school) if not one.is_ok}
    assert CliRunner().invoke(cli.main, ["retention", "run"]).exit_code == 0
    assert "nightly_parts" not in {one.code for one in conditions(cast.school) if not one.is_ok}


@pytest.mark.parametrize("broken", ["templates", "cards", "sessions"])
def test_a_part_of_the_night_that_fails_stops_no_other_part(cast, monkeypatch, broken):
    run = []

    def fail(*_):
        raise OSError("the disk")

    plain = retention_job._purge

    def purge(one, school):
        if one.kind == broken:
            fail()
        run.append(one.kind)
        return plain(one, school)

    monkeypatch.setattr(retention_job, "_purge", purge)
    if broken == "templates":
        monkeypatch.setattr(retention_job, "purge_faces", fail)
    done = run_retention()
    assert done.failed == {broken: "OSError"}
    kinds = {one.kind for one in (retention_job.IMPORTS, *retention_job.PURGES)}
    assert set(run) == kinds - {broken}
    assert Entry.objects.filter(event="retention.failed").count() == 1
    assert not Entry.objects.filter(event="retention.completed").exists()
