"""What the till's screen shows at this moment, as one value that the templates read and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID, uuid4

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import User
from willing.biometrics.models import FaceSession
from willing.core.codes import CODE_ALPHABET, CODE_LENGTH
from willing.core.comparison import fold_for_search
from willing.credentials.queries import EntryLengths
from willing.pages.kiosk.held import HeldShown
from willing.people.models import School
from willing.terminals.keyboards import KeyboardLayout, keys_of_codes
from willing.terminals.models import Printer, SecondScreen, Terminal, Way
from willing.terminals.presence import is_here
from willing.till.basket_states import LIVE
from willing.till.cash_models import CashPayment
from willing.till.menu import is_sold_out
from willing.till.menu_models import Product
from willing.till.models import Basket, BasketLine, Sale
from willing.till.parking import Parked

Words = str | Promise
FAVOURITES = _("Favourites")
# More do not fit on one screen: then there are tabs and a search.
WITHOUT_TABS_MAX = 12
# Fewer favourites are no page to begin with.
FIRST_FROM = 4


@dataclass(frozen=True)
class ScreenMessage:
    """One kind line on the pupil's half. kind: info, good or warn."""

    kind: str
    text: Words


@dataclass(frozen=True)
class WayButton:
    """A way to pay as the pupil sees it; all of them have one size and one colour."""

    name: str
    label: Words
    hint: Words
    icon: str


@dataclass(frozen=True)
class MenuItem:
    """A product of the menu, and what a search finds it by (`core.comparison.fold_for_search`)."""

    product: Product
    is_sold_out: bool
    found_by: str


@dataclass(frozen=True)
class MenuCategory:
    """A group of the menu. key: "favourite", or the category's."""

    key: str
    name: Words
    items: Sequence[MenuItem]


@dataclass(frozen=True)
class FoundPerson:
    """An answer of the staff look-up. number: the till number, where name and year do not tell them apart."""

    id: UUID
    name: str
    year: str
    number: int | None


@dataclass(frozen=True)
class CashierSees:
    """The full name and the year: for the cashier's half only."""

    name: str
    year: str


@dataclass(frozen=True)
class HoursNotice:
    """Why a quiet line says that the calendar has no lunch now. name: of the closed days; hours: of today."""

    is_closed: bool
    name: str
    hours: str


BUTTONS = {
    Way.CARD: WayButton("card", _("Card"), _("Hold it to the reader"), "ui/icons/card.svg"),
    Way.PIN: WayButton("pin", _("PIN"), _("Your number and PIN"), "ui/icons/pin.svg"),
    Way.STAFF: WayButton("staff", _("Ask staff"), _("They look you up"), "ui/icons/staff.svg"),
    Way.FACE: WayButton("face", _("Use my face"), _("Camera on briefly"), "ui/icons/face.svg"),
}
# Where a face alone identifies nobody, or the sum is not small.
FACE_AFTER_CLAIM = WayButton("face", _("Use my face"), _("After your card or PIN"), "ui/icons/face.svg")


NO_ENTRY = EntryLengths(0, 0)


@dataclass(frozen=True)
class Screen:
    """Both halves of the till; at a second screen, the pupil's with nothing in the fields of the other.

    stage: the state of the pupil's half: empty, choose, claim, card, pin, staff, face, identified, stop or
    paid. cashier_sees: whom the cashier compares with the person in front of them: after a PIN, a look-up, or
    a face that did not confirm a card.
    """

    stage: str
    terminal: Terminal
    currency: str
    menu: Sequence[MenuCategory]
    # Of what the screens of this till show (TillScreen); and what stands for the basket and the person shown.
    version: str = ""
    shown: str = ""
    # Both halves, at the till itself.
    is_whole: bool = False
    # The till's second screen, where one is paired.
    second_screen: SecondScreen | None = None
    # Which pairing that is: a panel that waits for another one knows it when it comes.
    pairing: str = ""
    # "Use my face" was pressed on the other screen: the camera is there, and none starts here.
    is_camera_elsewhere: bool = False
    has_tabs: bool = False
    is_marking: bool = False
    put_aside: Sequence[Parked] = ()
    cashier: User | None = None
    basket: Basket | None = None
    lines: Sequence[BasketLine] = ()
    total_minor: int = 0
    total_before_minor: int | None = None
    ways: Sequence[WayButton] = ()
    first_name: str = ""
    may_confirm_by_face: bool = False
    # The face that may confirm opens only with what the card says, which the page has to hold still.
    face_needs_share: bool = False
    # What the page seals the card's share to, and what it binds it to, in hexadecimal; empty without.
    share_key: str = ""
    share_info: str = ""
    may_stop_face: bool = False
    cashier_sees: CashierSees | None = None
    look_up_text: str = ""
    entry: EntryLengths = NO_ENTRY
    meals: int = 0
    meal_notice: str = ""
    # The cashier presses first; why, only their half says.
    waits_for_cashier: bool = False
    # The cashier is asked whether the same sum once more is another purchase.
    asks_about_repeat: bool = False
    # What the person shown must not eat, or not yet; only the cashier's half says so.
    held: Sequence[HeldShown] = ()
    safe_meals: Sequence[Product] = ()
    is_in_sitting: bool = False
    hours_notice: HoursNotice | None = None
    people: Sequence[FoundPerson] = ()
    reload_seconds: int = 0
    session: FaceSession | None = None
    session_press: str = ""
    session_seconds: int = 0
    session_left_seconds: int = 0
    sale: Sale | None = None
    # Visitors and staff may pay this basket in cash; only the cashier's half says so.
    takes_cash: bool = False
    # What was paid in cash for the sale that is shown, and what the cashier hands back.
    cash: CashPayment | None = None
    # The last sale, where the cashier who is on may still void it.
    last_sale: str = ""
    printable_sale: str = ""
    # Who has just paid with card and face may refresh their stored face, for some seconds.
    can_refresh: bool = False
    # Where the receipt of that sale can be printed.
    printer: Printer | None = None
    notice: ScreenMessage | None = field(default=None)

    @property
    def press(self) -> str:
        """A key for the next press on "use my face": a double tap opens one session, a reload none."""
        return uuid4().hex

    code_length = CODE_LENGTH
    code_letters = CODE_ALPHABET

    @property
    def reader_keys(self) -> str:
        """What the reader's keys mean, as JSON, for what the page keeps to itself; empty where as typed."""
        return keys_of_codes(KeyboardLayout(self.terminal.reader_layout))

    @property
    def needs_name_to_check(self) -> bool:
        """Whether a dish waits for a check, and nobody is signed on who could make it."""
        return self.cashier is None and any(not one.is_blocked for one in self.held)

    @property
    def needs_cashier(self) -> bool:
        """Whether nobody is signed on, and the school takes no payment before."""
        return self.cashier is None and self.terminal.school.requires_cashier

    @property
    def is_second_screen_here(self) -> bool:
        """Whether the second screen has been heard of within the last minutes."""
        return self.second_screen is not None and is_here(self.second_screen)

    @property
    def stage_template(self) -> str:
        """The template of the pupil's half."""
        if self.is_camera_elsewhere:
            return "kiosk/stage_face_elsewhere.html"
        return f"kiosk/stage_{self.stage}.html"

    @property
    def is_live(self) -> bool:
        """Whether something can still be put back."""
        return self.basket is not None and self.basket.state in LIVE


def group_menu(
    school: School, products: Sequence[Product], at_hand: Sequence[Product] = ()
) -> list[MenuCategory]:
    """Return the menu by category, in the order in which the categories are declared.

    at_hand: the till's favourites, which are there a second time as a group of their own.
    """
    order = list(Product.Category)
    ranked = sorted(products, key=lambda product: order.index(Product.Category(product.category)))
    groups = [
        MenuCategory(category, Product.Category(category).label, [_item(school, one) for one in group])
        for category, group in groupby(ranked, key=lambda product: product.category)
    ]
    favourite = (
        [MenuCategory("favourite", FAVOURITES, [_item(school, one) for one in at_hand])] if at_hand else []
    )
    return [*favourite, *groups] if len(at_hand) >= FIRST_FROM else [*groups, *favourite]


def _item(school: School, product: Product) -> MenuItem:
    found_by = fold_for_search(product.name, product.name_zh_hans)
    return MenuItem(product, is_sold_out(school, product), found_by)
