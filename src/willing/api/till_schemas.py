"""What the HTTP API takes and gives about a till: pairing, hours, cashiers, the menu."""

from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from willing.api.schemas import StrictSchema

CLOCK = r"^\d\d:\d\d$"


class PairIn(StrictSchema):
    """The one-time code that the office made."""

    code: str = Field(max_length=40)


class TerminalOut(Schema):
    """The till that a token belongs to. scopes: sell; refund and look_up where the office allows them."""

    id: UUID
    name: str
    purpose: str
    ways: list[str]
    scopes: list[str]
    currency: str


class PairOut(Schema):
    """The token with which the till acts from now on. It is shown once."""

    token: str
    terminal: TerminalOut


class SellingTimeOut(Schema):
    """From when to when meals are sold, in the school's time; the last moment is no longer within."""

    opens: str = Field(pattern=CLOCK)
    closes: str = Field(pattern=CLOCK)


class HoursOut(Schema):
    """What the calendar says of now. notice: nothing, closed (no school today) or outside (no meals now).

    name: of the holidays or of the day that close the school, often nothing. today: when meals are sold;
    empty where no hours are set, and on a day without school. Sales are possible at any time.
    """

    notice: Literal["", "closed", "outside"]
    name: str
    time_zone: str
    today: list[SellingTimeOut]


class SoldOutIn(StrictSchema):
    """Whether a product is sold out for the rest of the day."""

    is_sold_out: bool


class CashierOut(Schema):
    """A member of staff who may sign on at a till."""

    id: int
    name: str


class CashierAtTillOut(Schema):
    """Who is signed on; null for nobody. is_required: whether the school takes no payment before."""

    cashier: CashierOut | None
    is_required: bool


class SignOnIn(StrictSchema):
    """A cashier and their PIN."""

    cashier: int = Field(ge=1, lt=2**31)
    pin: str = Field(max_length=12)


class PriceOut(Schema):
    """What a product costs some: a kind (pupil, staff, visitor) or a class. The class's price goes first."""

    kind: str
    year: str
    price_minor: int


class ProductOut(Schema):
    """Something on today's menu, named in the language asked for. price_minor 0: free.

    price_minor holds where prices names nobody. What is sold out stays listed and can't be put in a basket.
    barcodes: as they are printed. colour: a name, or nothing. tax_code: as the school's accounts call it, or
    nothing.
    """

    id: UUID
    name: str
    names: dict[str, str]
    price_minor: int
    prices: list[PriceOut]
    is_main_meal: bool
    category: str
    barcodes: list[str]
    colour: str
    tax_code: str
    is_pinned: bool
    is_sold_out: bool
