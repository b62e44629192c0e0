"""What the HTTP API takes and gives about baskets, people, sales and faces.

Amounts are whole minor units of the school's currency. `till_schemas` has the till's own and the menu's.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime, ConfigDict

from willing.api.cursors import CURSOR_LENGTH_MAX
from willing.till.rules import QUANTITY_MAX
from willing.till.sale_pages import PAGE_SALES_MAX

LOOK_UP_CHARS_MAX = 200
# Longer than any code, so that a till which sends all of a card is refused by name (card_share_sent).
CARD_CHARS_MAX = 200
MEALS_MAX = 10_000  # of one person in one day, which nobody reaches

# No school has sold before the first or will sell after the second, and no calendar breaks between them.
Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1))]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC))
]


class StrictSchema(Schema):
    """What a till sends: nothing that is not asked for, so that a misunderstanding is refused by name."""

    model_config = ConfigDict(extra="forbid")


class LineIn(StrictSchema):
    """A product and how many of it."""

    product: UUID
    quantity: int = Field(1, ge=1, le=QUANTITY_MAX, strict=True)


class BasketIn(StrictSchema):
    """A whole basket."""

    lines: list[LineIn] = Field(min_length=1, max_length=50)


class LineOut(Schema):
    """A line of a basket. price_before_minor: what one cost before its price changed in it, or null."""

    product: UUID
    name: str
    quantity: int
    price_minor: int
    price_before_minor: int | None
    tax_code: str
    total_minor: int


class PersonOut(Schema):
    """Who is shown at the till: first name and year, nothing more."""

    first_name: str
    year: str


class RefundedLineOut(Schema):
    """How many of a product were refunded."""

    product: UUID
    name: str
    quantity: int
    amount_minor: int


class RefundOut(Schema):
    """A refund of a sale, or of a part of it. is_void: at the till, by the cashier who just sold it."""

    id: UUID
    sale: UUID
    amount_minor: int
    at: datetime
    is_void: bool
    lines: list[RefundedLineOut]


class SaleOut(Schema):
    """A payment, made when it was settled. refunds: oldest first. is_refunded: nothing of it is left.

    refund: the one that refunded the last of it; null while something is left.
    """

    id: UUID
    basket: UUID
    way: str
    total_minor: int
    receipt_number: int
    settled_at: datetime
    is_refunded: bool
    refunded_minor: int
    refund: RefundOut | None
    refunds: list[RefundOut]


class SoldLineOut(LineOut):
    """A line of a sale. refunded: how many of them have been refunded."""

    refunded: int


class SaleWithLinesOut(SaleOut):
    """A payment with what was bought."""

    currency: str
    lines: list[SoldLineOut]


class SalesOut(Schema):
    """A page of sales, the newest first. next_cursor is null after the last one."""

    items: list[SaleOut]
    next_cursor: str | None


class SalesIn(StrictSchema):
    """Which sales, and from where on. Filters add up; give the same ones with a cursor.

    day: the school's own day on which they were paid. from and to: moments with an offset, to excluded.
    refunded: whether nothing of them is left. refunded_on: the day on which they, or a part of them, were
    refunded.
    """

    cursor: str = Field("", max_length=CURSOR_LENGTH_MAX)
    limit: int = Field(50, ge=1, le=PAGE_SALES_MAX)
    day: Day | None = None
    begin: Moment | None = Field(None, alias="from")
    end: Moment | None = Field(None, alias="to")
    refunded: bool | None = None
    refunded_on: Day | None = None


class WayOfDayOut(Schema):
    """What one way brought in on a day."""

    way: str
    sales: int
    total_minor: int


class DayOut(Schema):
    """A till's day. refunds: given that day of this till's sales."""

    day: date
    time_zone: str
    currency: str
    sales: int
    total_minor: int
    first_receipt: int | None
    last_receipt: int | None
    refunds: int
    refunded_minor: int
    ways: list[WayOfDayOut]


class BasketOut(Schema):
    """A basket: open, parked, identified, paid or cancelled.

    face: what a face session would do now: alone (look among all), after_claim (a card or PIN first), confirm
    (compare with who is shown), or nothing. claim: the card or PIN that a face has confirmed.
    may_stop_face: whether "Stop using my face" belongs beside "Not me" for the person shown.
    main_meals: how many main meals the person shown has with this basket in this sitting (in this day, where
    the school has set no hours); 0 where it holds none.
    meal_notice: nothing, again (a quiet line for the cashier), or ask: the cashier confirms first
    (main_meals_checked). expires_in_seconds: ask again after so many; what is over by then is gone: who is
    shown after 30 seconds, a basket after an hour without activity. null: paid or cancelled.
    expired: what this request found to be over: nothing, shown (the person) or basket.
    """

    id: UUID
    state: str
    total_minor: int
    currency: str
    way: str
    claim: str
    face: str
    person: PersonOut | None
    may_stop_face: bool
    main_meals: int
    meal_notice: str
    expires_in_seconds: int | None
    expired: str
    lines: list[LineOut]
    sale: SaleOut | None


class QuantityIn(StrictSchema):
    """How many of a product a basket holds from now on; 0 takes the line out."""

    quantity: int = Field(ge=0, le=QUANTITY_MAX, strict=True)


class ParkedOut(Schema):
    """A basket that was put aside. is_over: closed by time; cancel it once the cashier has seen it."""

    id: UUID
    parked_at: datetime
    items: int
    total_minor: int
    is_over: bool


class ConfirmIn(StrictSchema):
    """The sum that was shown to the person who confirms it.

    main_meals_checked: where meal_notice is ask, the main_meals that the cashier has agreed to serve.
    repeat_checked: after repeat_check_needed, that the cashier has said that this is another purchase.
    allergens_checked: after allergen_check_needed, its products that the cashier on duty has checked.
    """

    total_minor: int = Field(ge=0, le=2_147_483_647, strict=True)
    main_meals_checked: int = Field(0, ge=0, le=MEALS_MAX, strict=True)
    repeat_checked: bool = False
    allergens_checked: list[UUID] = Field(default_factory=list, max_length=50)


class LookUpIn(StrictSchema):
    """Name, class, guardian, till number or a card's code; at least two letters or digits."""

    text: str = Field(max_length=LOOK_UP_CHARS_MAX)


class FoundPersonOut(Schema):
    """Whom a look-up found. till_number: only where another one found has the same name and class."""

    id: UUID
    name: str
    year: str
    till_number: int | None


class StoppedFaceOut(Schema):
    """What "Stop using my face" led to. log_entry: the log's entry that proves it; null: not written yet."""

    log_entry: int | None
    basket: BasketOut


class CardIn(StrictSchema):
    """Identification by a card's code. What follows the code on a printed card stays on the till."""

    way: Literal["card"]
    code: str = Field(max_length=CARD_CHARS_MAX)


class PinIn(StrictSchema):
    """Identification by number and PIN."""

    way: Literal["pin"]
    number: int = Field(ge=1, le=2_147_483_647)
    pin: str = Field(max_length=6)


class StaffIn(StrictSchema):
    """Identification by the cashier, who chose a person whom the look-up of this basket has shown."""

    way: Literal["staff"]
    person: UUID


IdentifyIn = Annotated[CardIn | PinIn | StaffIn, Field(discriminator="way")]


class SessionOut(Schema):
    """A face session of a basket. It expires at expires_at. mode: identify (1:N) or verify (1:1)."""

    id: UUID
    state: str
    mode: str
    expires_at: datetime


class FrameOut(Schema):
    """What a frame brought; never a person. After "matched", the basket says who is shown."""

    state: str
    hint: str


class RefundIn(StrictSchema):
    """Why a sale is refunded. lines: what of it; null: all that is left."""

    reason: str = Field("", max_length=200)
    lines: list[LineIn] | None = Field(None, min_length=1, max_length=50)
