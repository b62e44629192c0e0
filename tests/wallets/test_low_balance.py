"""A guardian hears once of each fall of a balance below their sum, and of money paid in and out."""

from uuid import uuid4

import pytest
from tests.support.money import pay_in
from tests.support.till import pay

from willing.core.errors import Refused
from willing.jobs.actions import run_due
from willing.ledger.accounts import open_school_account, open_wallet
from willing.ledger.actions import Order
from willing.ledger.actions import post as move
from willing.ledger.models import Account
from willing.mail.models import Mail
from willing.mail.outbox import set_topics
from willing.people.models import Guardian
from willing.wallets.low_balance import set_low_balance, write_low_balances


def topics():
    return list(Mail.objects.order_by("created_at", "id").values_list("topic", flat=True))


def test_a_balance_that_falls_below_the_sum_is_written_about_once_a_crossing(cast, school, gus):
    ada = cast.person("Ada")
    set_low_balance(gus, ada, 1600)
    assert write_low_balances() == 0
    for _ in range(3):
        pay(cast, "Ada")
        write_low_balances()
    assert topics() == ["low"]
    set_topics(gus, ["low"])
    pay_in(ada, 1000, key=uuid4())
    assert write_low_balances() == 0
    pay(cast, "Ada", cast.meal, cast.meal, cast.meal)
    assert (write_low_balances(), write_low_balances()) == (1, 0)
    assert topics() == ["low", "low"]


def test_what_is_below_when_it_is_chosen_is_no_crossing_and_nothing_is_written_after_it_was_taken_back(
    cast,
    school,
    gus,
):
    ada = cast.person("Ada")
    set_low_balance(gus, ada, 3000)
    assert write_low_balances() == 0
    set_low_balance(gus, ada, 1900)
    set_low_balance(gus, ada, None)
    pay(cast, "Ada")
    assert write_low_balances() == 0
    with pytest.raises(Refused, match="not_a_guardian"):
        set_low_balance(cast.guardian("Gwen"), ada, 100)


def test_a_pay_in_and_a_pay_out_are_written_about_to_whoever_wants_it_in_their_language(
    cast,
    school,
    gus,
    post,
):
    ada = cast.person("Ada")
    Guardian.objects.filter(pk=gus.pk).update(language="zh-hans")
    key = uuid4()
    for _ in range(2):
        pay_in(ada, 700, key=key)
    wallet, cash = open_wallet(ada), open_school_account(cast.school, Account.Kind.BANK)
    move(Order(uuid4(), wallet.id, cash.id, 100, "pay_out", ada.id))
    pay(cast, "Ada")
    assert topics() == ["pay_in", "pay_out"]
    assert run_due() == 2
    assert [one["Subject"] for one in post.came] == ["Test School：已充值", "Test School：已退还余额"]
    assert "Ada的午餐账户已充值" in post.came[0].get_content()
    set_topics(gus, ["answer"])
    pay_in(ada, 700, key=uuid4())
    assert len(topics()) == 2
