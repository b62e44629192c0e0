"""What is sold, where, by which way, to whom."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from willing.accounts.models import User
from willing.core.clock import now
from willing.core.ids import new_id
from willing.core.prepared_rows import PreparedModel
from willing.credentials.models import Card
from willing.drawers.models import DrawerSession
from willing.people.models import Person, School
from willing.terminals.models import Terminal, Way
from willing.till.cash_models import CashPayment  # noqa: F401  # so that Django finds it
from willing.till.limit_models import SchoolLimits, SpendingLimits  # noqa: F401
from willing.till.menu_models import Product, name_for_reader
from willing.till.menu_rules import NAME_CHARS_MAX, TAX_CODE_CHARS_MAX
from willing.till.paid_by import PaidBy
from willing.till.refund_models import Refund, RefundLine  # noqa: F401
from willing.till.rules import QUANTITY_MAX, Expiry
from willing.till.screen_models import TillScreen  # noqa: F401
from willing.till.sold_models import SalesCounted, SoldDay  # noqa: F401


class Basket(PreparedModel):
    """What one person is about to pay for at one terminal."""

    class State(models.TextChoices):
        OPEN = "open"
        # Put aside at its till for the next customer, until it is taken back.
        PARKED = "parked"
        IDENTIFIED = "identified"
        PAID = "paid"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="baskets")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True)
    way = models.CharField(max_length=8, choices=PaidBy.choices, blank=True)
    # How they had said who they are before their face confirmed it (1:1); empty for a face alone.
    claim = models.CharField(max_length=8, choices=Way.choices, blank=True)
    identified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    # The card that was read: one that is revoked before it pays, pays nothing.
    card = models.ForeignKey(Card, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # A face alone has met its limit for the day with this basket: it is not offered again.
    is_face_used_up = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=now)
    # The last time that anyone did anything with it; left alone, it expires (till.basket_states).
    touched_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)
    # When it was last put aside; what was never taken back is on the till's closing list.
    parked_at = models.DateTimeField(null=True)
    # What a request has read of its lines and will not change (till.baskets.read_lines); no column.
    lines_read: "list[BasketLine] | None" = None
    # How many face sessions it has had, likewise.
    looks_read: int | None = None
    # What had expired when a request read it, likewise; the request says so.
    expired = Expiry.NONE

    class Meta:
        indexes: ClassVar = [
            # Each press at a till asks for its live one, among all that it ever had.
            models.Index(fields=["terminal", "state"], name="baskets_of_a_terminal"),
            models.Index(
                fields=["terminal", "parked_at"],
                condition=Q(parked_at__isnull=False),
                name="baskets_put_aside",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["terminal"],
                condition=Q(state__in=["open", "identified"]),
                name="one_live_basket_a_terminal",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="identified", person__isnull=False) & ~Q(way__in=["", "cash"])
                    | Q(state="paid", person__isnull=False) & ~Q(way__in=["", "cash"])
                    | Q(state="paid", person__isnull=True, way="cash")
                    | Q(state__in=["open", "parked"], person__isnull=True, way="")
                    | Q(state="cancelled")
                ),
                name="basket_person_when_identified",
            ),
            models.CheckConstraint(
                condition=Q(claim="") | Q(claim__in=["card", "pin"], way="face"),
                name="basket_claim_confirmed_by_a_face",
            ),
        ]


class BasketLine(PreparedModel):
    """One product in a basket, called what it was called and at the price it had when it was put there."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    # A receipt goes on saying what was sold, whatever the product is called later.
    name = models.CharField(max_length=NAME_CHARS_MAX)
    name_zh_hans = models.CharField(max_length=NAME_CHARS_MAX, blank=True)
    quantity = models.PositiveSmallIntegerField(default=1)
    # What one of them costs now, and what it cost when it was put in, before anybody was shown.
    price_minor = models.PositiveIntegerField()
    listed_minor = models.PositiveIntegerField()
    # What one cost before the menu's price changed while it was in the basket.
    was_minor = models.PositiveIntegerField(null=True)
    tax_code = models.CharField(max_length=TAX_CODE_CHARS_MAX, blank=True, default="")
    # How many of them have been refunded.
    refunded = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basket", "product"], name="one_line_a_product"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=QUANTITY_MAX), name="line_quantity_1_to_20"
            ),
            models.CheckConstraint(
                condition=Q(refunded__lte=F("quantity")), name="line_refunded_within_its_quantity"
            ),
        ]

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return name_for_reader(self.name, self.name_zh_hans)

    @property
    def total_minor(self) -> int:
        """Price times quantity, in minor units."""
        return self.price_minor * self.quantity

    @property
    def left(self) -> int:
        """How many of them have not been refunded."""
        return self.quantity - self.refunded

    @property
    def price_before_minor(self) -> int | None:
        """What one cost before the price changed in this basket, or None where it did not."""
        return self.was_minor if self.price_minor == self.listed_minor else self.listed_minor


class ReceiptCounter(PreparedModel):
    """The last receipt number of a school; locked by every sale, so that numbers have no gaps."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)


class Sale(PreparedModel):
    """The payment of one basket, posted in one transaction with its receipt."""

    class Refunded(models.TextChoices):
        NOTHING = "", "nothing"
        PART = "part"
        WHOLE = "whole"

    id = models.UUIDField(primary_key=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="sales")
    # The basket's, here too, so that a till finds a page of its sales without reading all of them.
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="sales")
    # One basket is one charge: the constraint refuses a second one.
    basket = models.OneToOneField(Basket, on_delete=models.PROTECT, related_name="sale")
    # None where it was paid in cash, and only there.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="sales")
    way = models.CharField(max_length=8, choices=PaidBy.choices)
    # Who was signed on at the till; None where nobody was.
    cashier = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # In which day of the drawer under the till it was sold; None where none was open. It never changes (a
    # trigger), and nobody looks for a day's sales by it, so that a sale writes no index more.
    drawer_session = models.ForeignKey(
        DrawerSession, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    total_minor = models.PositiveIntegerField()
    # Who paid: the person, the school for a free or reduced meal, the school for what the wallet could not,
    # or anyone in cash, before it is rounded (CashPayment). The transfers are those that refer to this sale.
    wallet_minor = models.PositiveIntegerField()
    entitled_minor = models.PositiveIntegerField()
    carried_minor = models.PositiveIntegerField()
    cash_minor = models.PositiveIntegerField(default=0)
    # Of what is entitled and not refunded: for a free or reduced meal. The rest is of a sum a day.
    free_meal_minor = models.PositiveIntegerField(default=0)
    # What all its refunds together have returned, and to whom (till.refunds).
    refunded = models.CharField(max_length=5, choices=Refunded.choices, blank=True, default=Refunded.NOTHING)
    refunded_wallet_minor = models.PositiveIntegerField(default=0)
    refunded_entitled_minor = models.PositiveIntegerField(default=0)
    refunded_carried_minor = models.PositiveIntegerField(default=0)
    refunded_cash_minor = models.PositiveIntegerField(default=0)
    # Its one refund was made at the till by the cashier who had just sold it (till.voids).
    is_voided = models.BooleanField(default=False)
    # The person had paid the same sum a moment before, and the cashier said that this is another purchase.
    is_repeat_checked = models.BooleanField(default=False)
    receipt_number = models.PositiveBigIntegerField()
    settled_at = models.DateTimeField(default=now)
    # From the opening of its basket until then, in whole seconds (wait_rules.wait_seconds); None where nobody
    # waited or nobody can say.
    waited_seconds = models.PositiveIntegerField(null=True)
    # Made in this request, so that nobody has refunded it yet; no column.
    is_new = False

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["terminal", "-settled_at", "-id"], name="sales_of_a_terminal"),
            # The pages of a day and the reports, without reading the years before; a month's waits without
            # reading the sales themselves.
            models.Index(fields=["school", "-settled_at", "way", "waited_seconds"], name="sales_of_a_school"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school", "receipt_number"], name="receipt_number_once"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=F("wallet_minor") + F("entitled_minor") + F("carried_minor") + F("cash_minor")
                ),
                name="sale_is_paid_in_full",
            ),
            models.CheckConstraint(
                condition=(Q(person__isnull=False, cash_minor=0) & ~Q(way="cash"))
                | Q(
                    person__isnull=True,
                    way="cash",
                    cash_minor=F("total_minor"),
                    drawer_session__isnull=False,
                ),
                name="sale_of_a_person_or_in_cash",
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_wallet_minor__lte=F("wallet_minor"),
                    refunded_entitled_minor__lte=F("entitled_minor"),
                    refunded_carried_minor__lte=F("carried_minor"),
                    refunded_cash_minor__lte=F("cash_minor"),
                ),
                name="sale_refunded_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(free_meal_minor__lte=F("entitled_minor")), name="sale_free_meal_is_entitled"
            ),
            models.CheckConstraint(
                condition=Q(is_voided=False) | Q(refunded="whole", cashier__isnull=False),
                name="sale_voided_as_a_whole",
            ),
        ]

    @property
    def refunded_minor(self) -> int:
        """What has gone back of it, whoever had paid it."""
        of_person = self.refunded_wallet_minor + self.refunded_entitled_minor + self.refunded_carried_minor
        return of_person + self.refunded_cash_minor
