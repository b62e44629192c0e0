"""Money moved in any order through the real actions, beside a model that is three dictionaries."""

from dataclasses import dataclass
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.support.money import pay_in
from tests.support.spending import grant_sum
from tests.support.till import fill_basket

from willing.core.errors import Refused
from willing.ledger.accounts import open_wallet
from willing.ledger.actions import Order, hold, post, settle, void
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor, verify_ledger
from willing.till.baskets import cancel_basket
from willing.till.identification import identify_by_card
from willing.till.limit_rules import NewLimits
from willing.till.limits import set_limits
from willing.till.models import Sale
from willing.till.payment import confirm_basket
from willing.till.refunds import RefundedBy, refund_sale

NAMES = ("Ada", "Bo", "Carl")
names = st.sampled_from(NAMES)
MEAL, EXTRA = 250, 90


@dataclass
class Sold:
    """What the model knows of a sale."""

    name: str
    wallet: int
    entitled: int
    carried: int
    given_back: bool = False


def attempt(act, *args, **kwargs):
    """Return what an action returned, and the code of its refusal or ""."""
    try:
        return act(*args, **kwargs), ""
    except Refused as refused:
        return None, refused.code


def machine_of(cast):  # noqa: C901  # one class, with the cast in reach
    """Return the machine for this cast; each run goes on with the money that the last one left."""
    office, grace = cast.user("office"), cast.school.grace_minor

    class Money(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.balance = {name: available_minor(cast.person(name)) for name in NAMES}
            self.allowance = dict.fromkeys(NAMES, 0)
            self.limit: dict[str, int | None] = dict.fromkeys(NAMES)
            self.sold: dict[object, Sold] = {}
            self.before = {name: self._spent_before(name) for name in NAMES}
            self.paid_in: list[tuple[str, Transfer, int]] = []
            self.held: list[tuple[str, str, Transfer]] = []
            self.school = self._school_balances()
            for name in NAMES:
                grant_sum(cast.person(name), 0, by=office)
                set_limits(cast.person(name), NewLimits(None), by=office)

        def _spent_before(self, name):
            rows = Sale.objects.filter(person=cast.person(name))
            return (
                sum(one.wallet_minor - one.refunded_wallet_minor for one in rows),
                sum(one.entitled_minor - one.refunded_entitled_minor for one in rows),
            )

        @staticmethod
        def _school_balances():
            found = dict.fromkeys(("bank", "sales", "meals", "entitlements"), 0)
            for account in Account.objects.filter(person=None):
                found[account.kind] += account.balance_minor
            return found

        def _spent(self, name):
            mine = [one for one in self.sold.values() if one.name == name and not one.given_back]
            wallet, by_school = self.before[name]
            return (
                wallet + sum(one.wallet for one in mine),
                by_school + sum(one.entitled for one in mine),
            )

        def _expected(self, name, meals, extras):
            """Return who pays how much, or None where the basket is not paid."""
            total = meals * MEAL + extras * EXTRA
            spent, by_school = self._spent(name)
            entitled = min(total, max(0, self.allowance[name] - by_school))
            rest, meal = total - entitled, MEAL if meals else 0
            purse = max(0, self.balance[name])
            wallet = rest
            if rest > purse:
                extras_due = rest - max(0, meal - max(0, self.allowance[name] - by_school))
                if not meals or extras_due > purse:
                    return None
                wallet = max(0, min(rest, self.balance[name] + grace))
            limit = self.limit[name]
            # What the wallet does not pay is within every limit, whatever was spent before.
            if limit is not None and wallet and total != meal and spent + wallet > limit:
                return None
            return Sold(name, wallet, entitled, rest - wallet)

        @rule(name=names, amount=st.integers(1, 3000))
        def pay_in(self, name, amount):
            key = uuid4()
            paid = pay_in(cast.person(name), amount, key=key)
            assert pay_in(cast.person(name), amount, key=key) == paid
            self.balance[name] += amount
            self.school["bank"] += amount
            self.paid_in.append((name, paid, amount))

        @rule(place=st.integers(0, 99), amount=st.integers(1, 3000))
        def take_back_a_part_of_a_pay_in(self, place, amount):
            if not self.paid_in:
                return
            place %= len(self.paid_in)
            name, paid, left = self.paid_in[place]
            order = Order(
                uuid4(), paid.credit_id, paid.debit_id, amount, "refund", paid.reference, corrects=paid.id
            )
            _, refused = attempt(post, order)
            if refused:
                too_large = amount <= self.balance[name] + grace
                assert refused == ("correction_too_large" if too_large else "not_covered")
                assert amount > left or not too_large
                return
            assert amount <= left
            self.paid_in[place] = (name, paid, left - amount)
            self.balance[name] -= amount
            self.school["bank"] -= amount

        @rule(name=names, meals=st.integers(0, 2), extras=st.integers(0, 2))
        def sell(self, name, meals, extras):
            if not meals + extras:
                return
            basket = fill_basket(cast, *[cast.meal] * meals, *[cast.extra] * extras)
            identify_by_card(cast.till, basket.id, cast.cards[name])
            expected = self._expected(name, meals, extras)
            sale, refused = attempt(confirm_basket, cast.till, basket.id)
            if refused:
                assert expected is None, refused
                cancel_basket(cast.till, basket.id)
                return
            found = Sold(name, sale.wallet_minor, sale.entitled_minor, sale.carried_minor)
            assert found == expected
            assert confirm_basket(cast.till, basket.id) == sale
            self.sold[sale.id] = found
            self._book(found, 1)

        @rule(place=st.integers(0, 99))
        def give_a_sale_back(self, place):
            if not self.sold:
                return
            sale_id = list(self.sold)[place % len(self.sold)]
            sold, by = self.sold[sale_id], RefundedBy(user=office)
            _, refused = attempt(refund_sale, sale_id, key=uuid4(), by=by)
            assert refused == ("already_refunded" if sold.given_back else "")
            if not sold.given_back:
                sold.given_back = True
                self._book(sold, -1)

        def _book(self, sold, times):
            self.balance[sold.name] -= times * sold.wallet
            self.school["sales"] += times * (sold.wallet + sold.entitled + sold.carried)
            self.school["entitlements"] += times * sold.entitled
            self.school["meals"] += times * sold.carried

        @rule(giver=names, taker=names, amount=st.integers(1, 900))
        def hold(self, giver, taker, amount):
            if giver == taker:
                return
            sides = (open_wallet(cast.person(giver)).id, open_wallet(cast.person(taker)).id)
            held, refused = attempt(hold, Order(uuid4(), *sides, amount, "merge", uuid4()))
            assert refused == ("not_covered" if amount > self.balance[giver] + grace else "")
            if refused:
                return
            self.balance[giver] -= amount
            self.held.append((giver, taker, held))

        @rule(place=st.integers(0, 99), settles=st.booleans())
        def end_a_hold(self, place, settles):
            if not self.held:
                return
            giver, taker, held = self.held.pop(place % len(self.held))
            (settle if settles else void)(held)
            self.balance[taker if settles else giver] += held.amount_minor

        @rule(name=names, allowance=st.sampled_from([0, 100, 250, 600]))
        def set_allowance(self, name, allowance):
            grant_sum(cast.person(name), allowance, by=office)
            self.allowance[name] = allowance

        @rule(name=names, limit=st.sampled_from([None, 0, 500, 2000]))
        def limit_the_day(self, name, limit):
            set_limits(cast.person(name), NewLimits(limit), by=office)
            self.limit[name] = limit

        @invariant()
        def the_accounts_are_as_the_model_says(self):
            assert {name: available_minor(cast.person(name)) for name in NAMES} == self.balance
            assert self._school_balances() == self.school

        def teardown(self):
            for _giver, _taker, held in self.held:
                void(held)
            assert verify_ledger().ok

    return Money


def test_any_history_of_money_is_what_a_plain_model_says(cast):
    run_state_machine_as_test(
        machine_of(cast),
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
