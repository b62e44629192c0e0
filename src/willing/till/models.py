"""What is sold, where, by which way, to whom."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from willing.consent.models import Purpose
from willing.core.clock import now
from willing.core.ids import new_id
from willing.ledger.models import Transfer
from willing.people.models import Guardian, Person, School, User


class Way(models.TextChoices):
    """How a person says who they are at a terminal. A code is what a card carries, shown or typed."""

    CARD = "card", _("Card or code")
    PIN = "pin", _("PIN")
    FACE = "face", _("Face")
    STAFF = "staff", _("Staff look-up")


class Product(models.Model):
    """Something on the menu."""

    class Category(models.TextChoices):
        MEAL = "meal", _("Meals")
        SIDE = "side", _("Sides")
        DRINK = "drink", _("Drinks")
        SHOP = "shop", _("Shop")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="products")
    name = models.CharField(max_length=80)
    name_zh_hans = models.CharField(max_length=80, blank=True)
    price_minor = models.PositiveIntegerField()
    is_main_meal = models.BooleanField(default=False)
    category = models.CharField(max_length=8, choices=Category.choices)
    barcode = models.CharField(max_length=32, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_on_sale = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="price_positive"),
            models.UniqueConstraint(
                fields=["school", "barcode"], condition=~Q(barcode=""), name="barcode_unique_in_school"
            ),
        ]

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        chinese = (get_language() or "").startswith("zh")
        return self.name_zh_hans if chinese and self.name_zh_hans else self.name


class PlaceKind(models.TextChoices):
    """Where a terminal stands; where people sleep or undress, no camera stands (till.rules)."""

    CANTEEN = "canteen", _("Canteen")
    SHOP = "shop", _("Shop")
    GATE = "gate", _("Gate or entrance")
    LIBRARY = "library", _("Library")
    CORRIDOR = "corridor", _("Corridor or hall")
    OTHER = "other", _("Somewhere else")
    TOILET = "toilet", _("Toilet or washroom")
    CHANGING_ROOM = "changing_room", _("Changing room")
    DORMITORY = "dormitory", _("Dormitory room")


class Device(models.TextChoices):
    """What acts as a till: a browser with the till's page, or a till of another maker over the HTTP API."""

    KIOSK = "kiosk", _("The till's page in a browser")
    API = "api", _("A till of another maker")


class Terminal(models.Model):
    """A till. It cannot exist without a card, a code or a PIN (promise 2)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="terminals")
    name = models.CharField(max_length=60)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.CANTEEN)
    place_kind = models.CharField(max_length=16, choices=PlaceKind.choices, default=PlaceKind.CANTEEN)
    takes_card = models.BooleanField(default=True)
    takes_pin = models.BooleanField(default=True)
    takes_face = models.BooleanField(default=False)
    takes_staff = models.BooleanField(default=True)
    pairing_digest = models.CharField(max_length=64, blank=True)
    pairing_ends_at = models.DateTimeField(null=True, blank=True)
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    # A browser's token opens the till's page and nothing else, a token of the API nothing but the API.
    device = models.CharField(max_length=8, choices=Device.choices, blank=True)
    # The signed-in session in which a browser is this till now; no second one beside it.
    session_key = models.CharField(max_length=40, blank=True)
    # Given by the office to the device that is paired now; it ends with the pairing.
    may_refund = models.BooleanField(default=False)
    paired_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(takes_card=True) | Q(takes_pin=True), name="terminal_has_a_way_without_face"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["canteen", "shop"]), name="terminal_purpose_sells"
            ),
            models.CheckConstraint(
                condition=Q(takes_face=False)
                | Q(place_kind__in=["canteen", "shop", "gate", "library", "corridor", "other"]),
                name="terminal_no_face_where_people_sleep_or_undress",
            ),
            models.UniqueConstraint(fields=["school", "name"], name="terminal_name_unique_in_school"),
            models.CheckConstraint(
                condition=Q(may_refund=False) | Q(device="api"), name="terminal_refunds_over_the_api_only"
            ),
        ]

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the paired device may do over the HTTP API: sell, and refund where the office allows it."""
        if self.device != Device.API:
            return ()
        return ("sell", "refund") if self.may_refund else ("sell",)

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways that this terminal takes, the face last among them."""
        taken = {
            Way.CARD: self.takes_card,
            Way.PIN: self.takes_pin,
            Way.STAFF: self.takes_staff,
            Way.FACE: self.takes_face,
        }
        return tuple(way.value for way, is_taken in taken.items() if is_taken)


class Card(models.Model):
    """A card's (or a phone picture's) random code, kept as a keyed digest. Ending it is one press."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cards")
    digest = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True, blank=True)


class Pin(models.Model):
    """A person's PIN, hashed. How often it was tried, `PinTries` says."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="pin")
    hashed = models.CharField(max_length=200)


class PinTries(models.Model):
    """Tries of a PIN, by a keyed digest of the number or card that was typed, whether there is one or not."""

    key = models.CharField(max_length=64, primary_key=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    # Counted already, not compared yet: given back where the server stops in between.
    unfinished = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=now, db_index=True)


class Limits(models.Model):
    """How much a person may spend in a day, as their guardian (or the office for them) set it."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="limits")
    daily_minor = models.PositiveIntegerField(null=True, help_text=_("By all ways together; empty: none"))
    face_daily_minor = models.PositiveIntegerField(
        null=True, help_text=_("By the face alone; empty: the school's")
    )
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, null=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    set_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(guardian__isnull=False, user__isnull=True)
                | Q(guardian__isnull=True, user__isnull=False),
                name="limits_set_by_one",
            ),
        ]


class MealAllowance(models.Model):
    """What a school pays for a person's food each day: free or reduced meals. No till shows it."""

    person = models.OneToOneField(
        Person, on_delete=models.PROTECT, primary_key=True, related_name="meal_allowance"
    )
    daily_minor = models.PositiveIntegerField()
    ends_on = models.DateField(null=True, help_text=_("The last day; empty: until it is ended"))
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    set_at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(daily_minor__gt=0), name="meal_allowance_positive"),
        ]


class SchoolLimits(models.Model):
    """How much a face alone may spend in a day at a school, where nobody set less or more for a person."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True, related_name="limits")
    face_daily_minor = models.PositiveIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    set_at = models.DateTimeField(default=now)


class Basket(models.Model):
    """What one person is about to pay for at one terminal."""

    class State(models.TextChoices):
        OPEN = "open"
        IDENTIFIED = "identified"
        PAID = "paid"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="baskets")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True)
    way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    # How they had said who they are before their face confirmed it (1:1); empty for a face alone.
    claim = models.CharField(max_length=8, choices=Way.choices, blank=True)
    identified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    opened_at = models.DateTimeField(default=now)
    # The last time that anybody did anything with it; left alone, it expires (till.expiry).
    touched_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["terminal"],
                condition=Q(state__in=["open", "identified"]),
                name="one_live_basket_a_terminal",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="identified", person__isnull=False) & ~Q(way="")
                    | Q(state="paid", person__isnull=False) & ~Q(way="")
                    | Q(state="open", person__isnull=True, way="")
                    | Q(state="cancelled")
                ),
                name="basket_person_when_identified",
            ),
            models.CheckConstraint(
                condition=Q(claim="") | Q(claim__in=["card", "pin"], way="face"),
                name="basket_claim_confirmed_by_a_face",
            ),
        ]


class BasketLine(models.Model):
    """One product in a basket, at the price it had when it was put there."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity = models.PositiveSmallIntegerField(default=1)
    price_minor = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["basket", "product"], name="one_line_a_product"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=20), name="line_quantity_1_to_20"
            ),
            models.CheckConstraint(condition=Q(price_minor__gt=0), name="line_price_positive"),
        ]

    @property
    def total_minor(self) -> int:
        """Price times quantity, in minor units."""
        return self.price_minor * self.quantity


class ReceiptCounter(models.Model):
    """The last receipt number of a school; locked by every sale, so that numbers have no gaps."""

    school = models.OneToOneField(School, on_delete=models.PROTECT, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)


class Sale(models.Model):
    """The payment of one basket: held, then settled with a receipt number, or voided."""

    class State(models.TextChoices):
        HELD = "held", _("Being paid")
        SETTLED = "settled", _("Paid")
        VOIDED = "voided", _("Not paid")

    id = models.UUIDField(primary_key=True, editable=False)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="sales")
    # The basket's, here too, so that a till finds a page of its sales without reading all of them.
    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="sales")
    basket = models.ForeignKey(Basket, on_delete=models.PROTECT, related_name="sales")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sales")
    way = models.CharField(max_length=8, choices=Way.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    total_minor = models.PositiveIntegerField()
    wallet_hold = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, related_name="sale_by_wallet"
    )
    meals_hold = models.OneToOneField(
        Transfer, on_delete=models.PROTECT, null=True, related_name="sale_by_meals"
    )
    receipt_number = models.PositiveBigIntegerField(null=True)
    held_at = models.DateTimeField(default=now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["terminal", "-held_at", "-id"], name="sales_of_a_terminal")]
        constraints: ClassVar = [
            # One basket is one charge: a second live hold has no row to stand on.
            models.UniqueConstraint(
                fields=["basket"], condition=Q(state__in=["held", "settled"]), name="one_live_hold_a_basket"
            ),
            models.UniqueConstraint(fields=["school", "receipt_number"], name="receipt_number_once"),
            models.CheckConstraint(
                condition=Q(state="settled", receipt_number__isnull=False, settled_at__isnull=False)
                | (~Q(state="settled") & Q(receipt_number__isnull=True)),
                name="settled_sales_have_a_receipt",
            ),
            models.CheckConstraint(
                condition=Q(wallet_hold__isnull=False) | Q(meals_hold__isnull=False), name="sale_holds_money"
            ),
            models.CheckConstraint(
                condition=Q(wallet_hold__isnull=True) | ~Q(wallet_hold=F("meals_hold")),
                name="sale_holds_differ",
            ),
        ]


class Refund(models.Model):
    """The whole of a sale given back, once."""

    id = models.UUIDField(primary_key=True, editable=False)
    sale = models.OneToOneField(Sale, on_delete=models.PROTECT, related_name="refund")
    reason = models.CharField(max_length=200, blank=True)
    refunded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    refunded_at_terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, null=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(refunded_by__isnull=False) | Q(refunded_at_terminal__isnull=False),
                name="refund_by_somebody",
            ),
        ]


class FailedTry(models.Model):
    """A try at a way that did not identify anybody: which way, where, when. Never who."""

    terminal = models.ForeignKey(Terminal, on_delete=models.PROTECT, related_name="failed_tries")
    way = models.CharField(max_length=8, choices=Way.choices)
    code = models.CharField(max_length=32)
    at = models.DateTimeField(default=now, db_index=True)


class RequestKey(models.Model):
    """An Idempotency-Key that a till sent: which request it stands for, and what came of that.

    Both digests are keyed with the master key, for a request may hold a PIN. outcome: the id of the basket,
    sale, session or refund that the request led to; None while it has led to nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    terminal = models.ForeignKey(Terminal, on_delete=models.CASCADE, related_name="request_keys")
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    outcome = models.UUIDField(null=True)
    made_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["terminal", "key_digest"], name="request_key_once_a_terminal"),
        ]
