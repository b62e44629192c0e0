"""The scenes without faces: the till opens, people pay by PIN and by card, and a visitor in cash."""

from willing.biometrics.engine import require_engine
from willing.biometrics.erasure import erase_faces
from willing.core.ids import new_id
from willing.core.money import format_minor
from willing.demo.food import sign_the_day
from willing.demo.school import CASH_TILL, CAST, FLOAT_MINOR
from willing.demo.stage import DemoStage, SceneResult, expect, paid
from willing.drawers.pay_ins import Paying, take_at_office
from willing.drawers.queries import drawer_of_till, open_session_of
from willing.drawers.sessions import open_session
from willing.ledger.queries import available_minor
from willing.people.models import Person
from willing.people.places import small_sum_minor
from willing.till.baskets import add_product, cancel_basket, show_basket
from willing.till.cash import Tender, due_in_cash, sell_for_cash
from willing.till.identification import identify_by_card, identify_by_pin
from willing.till.limit_models import SpendingLimits
from willing.till.limit_rules import NewLimits
from willing.till.limits import limits_of, set_limits, spent_today
from willing.till.models import Sale
from willing.till.paid_by import CashBuyer
from willing.till.payment import confirm_basket
from willing.till.school_limits import set_school_face_limit


class TillScenes:
    """What is shown at the till alone. without_faces: why nobody pays by face, or empty."""

    def __init__(self, stage: DemoStage, *, without_faces: str) -> None:
        self.stage = stage
        self.without_faces = without_faces

    def prepare(self) -> SceneResult:
        """Put the school back to where the story begins, whatever a visitor did."""
        for till in (self.stage.terminal, self.stage.demo.till(CASH_TILL)):
            basket = show_basket(till)
            if basket is not None:
                cancel_basket(till, basket.id)
        self._open_drawer()
        sign_the_day(self.stage.demo)
        for name in ("Alex", "Bea"):
            erase_faces(self.stage.demo.person(name), cause="demo restarted")
            self._lift_limits(self.stage.demo.person(name))
        for name, (_family, _year, balance) in CAST.items():
            missing = balance - available_minor(self.stage.demo.person(name))
            if missing > 0:  # what earlier tellings and visitors spent
                take_at_office(self.stage.demo.person(name), Paying(missing), key=new_id(), by=None)
        if self.without_faces:
            return SceneResult("ready, without faces")
        require_engine(self.stage.demo.school)  # loading takes its second here, not in anyone's lunch
        return SceneResult("ready")

    def pay_by_pin(self, name: str) -> SceneResult:
        """Pay with number and PIN at till 1."""
        person, till = self.stage.demo.person(name), self.stage.central
        basket = show_basket(till) or add_product(till, self.stage.meal)
        identify_by_pin(till, basket.id, person.till_number, self.stage.demo.pins[name])
        return paid(confirm_basket(till, basket.id, is_repeat_checked=True))

    def pay_by_card(self, name: str) -> SceneResult:
        """Pay with a card's code at till 1."""
        till = self.stage.central
        basket = show_basket(till) or add_product(till, self.stage.meal)
        identify_by_card(till, basket.id, self.stage.demo.cards[name])
        return paid(confirm_basket(till, basket.id, is_repeat_checked=True))

    def confirm_three_times(self, name: str) -> SceneResult:
        """Confirm one basket three times; it is charged once."""
        before = available_minor(self.stage.demo.person(name))
        basket = add_product(self.stage.terminal, self.stage.meal)
        identify_by_card(self.stage.terminal, basket.id, self.stage.demo.cards[name])
        sales = {confirm_basket(self.stage.terminal, basket.id, is_repeat_checked=True).id for _ in range(3)}
        charged = before - available_minor(self.stage.demo.person(name))
        expect(len(sales) == 1 and charged == self.stage.meal.price_minor, "three confirmations charge once")
        sold = paid(Sale.objects.get(pk=sales.pop()))
        return SceneResult("charged once", sold.way, sold.person, sold.amount, sold.balance)

    def pay_in_cash(self) -> SceneResult:
        """Let a visitor, who is nobody here, pay with a note and get change out of the drawer."""
        till, school = self.stage.demo.till(CASH_TILL), self.stage.demo.school
        basket = add_product(till, self.stage.meal)
        due = due_in_cash(basket, CashBuyer.VISITOR)
        sale = sell_for_cash(till, basket.id, Tender(CashBuyer.VISITOR, due, 2 * due))
        expect(sale.person is None and sale.cash.change_minor == due, "a visitor is nobody, and gets change")
        change = format_minor(sale.cash.change_minor, school.currency)
        text = f"paid, receipt {sale.receipt_number}, change {change}"
        return SceneResult(text, sale.way, "a visitor", sale.total_minor)

    def _open_drawer(self) -> None:
        """Open the till's drawer, where a visitor has closed it."""
        drawer = drawer_of_till(self.stage.demo.till(CASH_TILL))
        if drawer is not None and open_session_of(drawer) is None:
            open_session(drawer, FLOAT_MINOR, key=new_id(), by=None)

    def _lift_limits(self, person: Person) -> None:
        """Let a person pay with a face whose limit for today an earlier telling, or a visitor, used up."""
        office, bought = self.stage.demo.user("office"), spent_today(person).by_face_alone_minor
        if limits_of(person).face_daily_minor - bought >= self.stage.meal.price_minor:
            return
        for limits in SpendingLimits.objects.filter(person=person).select_related("guardian"):
            set_limits(person, NewLimits(), by=limits.guardian or office)
        set_school_face_limit(
            self.stage.demo.school, bought + small_sum_minor(self.stage.demo.school.currency), by=office
        )
