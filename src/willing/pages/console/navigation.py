"""Where the staff pages are: four areas, and who finds which page in them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.accounts.access import PageRequest
from willing.pages.console.evening_houses import evening_houses
from willing.pages.console.roles import (
    ADMINISTERS,
    AGREES_TO_LEAVE,
    ANSWERS_FAMILIES,
    ANY_STAFF,
    KEEPS_THE_CALENDAR,
    KEEPS_THE_MENU,
    OFFICE,
    READS_ALLERGEN_EVENTS,
    READS_FACES,
    READS_MAIL,
    READS_MONEY,
    READS_PROTECTION,
    READS_THE_DAY,
    READS_THE_FORECAST,
    READS_THE_LOG,
    SETS_LIMITS,
    SETS_UP_TERMINALS,
    STANDS_AT_THE_TILL,
    TAKES_REGISTERS,
)


@dataclass(frozen=True)
class Page:
    """An entry of the navigation and of the front door."""

    name: str
    label: Promise
    hint: Promise
    icon: str
    roles: tuple[str, ...]
    # Whom of those roles it is for; None for all of them.
    is_for: Callable[[PageRequest], bool] | None = None

    @property
    def url(self) -> str:
        """The page's address."""
        return reverse(self.name)


TILL = Page(
    "kiosk:till", _("Till"), _("Sell, with every way to pay"), "ui/icons/basket.svg", STANDS_AT_THE_TILL
)


@dataclass(frozen=True)
class Area:
    """One of the four parts of the staff pages: in the header of each page, and on the front page."""

    name: str
    label: Promise
    pages: tuple[Page, ...]


AREAS = (
    Area(
        "lunch",
        _("Lunch"),
        (
            TILL,
            Page(
                "console:today",
                _("Today"),
                _("Sales, waits and refunds"),
                "ui/icons/receipt.svg",
                READS_THE_DAY,
            ),
            Page(
                "console:money",
                _("Money"),
                _("Takings, balances, reports"),
                "ui/icons/chart.svg",
                READS_MONEY,
            ),
            # The office finds it on the page Money.
            Page(
                "console:leavers",
                _("Leavers' balances"),
                _("Who has left with money or a debt"),
                "ui/icons/people.svg",
                ADMINISTERS,
            ),
            Page(
                "console:menu",
                _("Menu"),
                _("Products, prices, sold out"),
                "ui/icons/meal.svg",
                KEEPS_THE_MENU,
            ),
            Page(
                "console:allergens",
                _("Allergens"),
                _("Sign today's menu, who must not eat what"),
                "ui/icons/warn.svg",
                KEEPS_THE_MENU,
            ),
            Page(
                "console:meals",
                _("Meals"),
                _("Forecast, free meals, balances below zero"),
                "ui/icons/meal.svg",
                READS_THE_FORECAST,
            ),
        ),
    ),
    Area(
        "people",
        _("People"),
        (
            Page(
                "console:people",
                _("People"),
                _("Cards, money and permissions"),
                "ui/icons/people.svg",
                OFFICE,
            ),
            Page(
                "console:registers",
                _("Registers"),
                _("Who is here, marked by people"),
                "ui/icons/check.svg",
                (*TAKES_REGISTERS, "administrator"),
            ),
            Page(
                "console:leaves",
                _("Leave and trips"),
                _("What waits, who is away, the desk"),
                "ui/icons/clock.svg",
                AGREES_TO_LEAVE,
            ),
            Page(
                "console:boarding",
                _("Boarding"),
                _("Who is in the house tonight, marked by people"),
                "ui/icons/check.svg",
                ANY_STAFF,
                is_for=lambda request: bool(evening_houses(request)),
            ),
            Page(
                "console:visits",
                _("Visitors"),
                _("Announce one, sign them in and out, who is in"),
                "ui/icons/staff.svg",
                ANY_STAFF,
            ),
            Page(
                "console:roll-call",
                _("Roll call"),
                _("Start one, who is there, drills of the past"),
                "ui/icons/warn.svg",
                ANY_STAFF,
            ),
            Page(
                "console:enrol",
                _("Enrolment desk"),
                _("For those who want to pay with their face"),
                "ui/icons/face.svg",
                OFFICE,
            ),
            Page(
                "console:complaints",
                _("Complaints from families"),
                _("What is wrong, and what they ask for"),
                "ui/icons/letter.svg",
                ANSWERS_FAMILIES,
            ),
            Page(
                "console:consent-refusals",
                _("Record a refusal"),
                _("Anyone who hears a no to a face records it here"),
                "ui/icons/close.svg",
                ANY_STAFF,
            ),
        ),
    ),
    Area(
        "privacy",
        _("Privacy"),
        (
            Page(
                "console:protection",
                _("Data protection"),
                _("The lock, the assessment, what is kept"),
                "ui/icons/lock.svg",
                READS_PROTECTION,
            ),
            Page(
                "console:allergen-events",
                _("Food allergy incidents"),
                _("What the tills held back, near misses, reactions"),
                "ui/icons/warn.svg",
                READS_ALLERGEN_EVENTS,
            ),
            Page(
                "console:faces",
                _("Faces"),
                _("How they are used, who comes again, who looks alike"),
                "ui/icons/camera.svg",
                READS_FACES,
            ),
            Page(
                "console:log",
                _("Log"),
                _("Read it and check that it is whole"),
                "ui/icons/shield.svg",
                READS_THE_LOG,
            ),
        ),
    ),
    Area(
        "school",
        _("School"),
        (
            Page(
                "console:settings",
                _("School settings"),
                _("Name, address, law, colour"),
                "ui/icons/settings.svg",
                ADMINISTERS,
            ),
            Page(
                "console:calendar",
                _("Calendar"),
                _("School days, hours, holidays"),
                "ui/icons/clock.svg",
                KEEPS_THE_CALENDAR,
            ),
            Page(
                "console:limits",
                _("Limits"),
                _("Grace, a day, a face alone, large sums"),
                "ui/icons/shield.svg",
                SETS_LIMITS,
            ),
            Page(
                "console:gate",
                _("Gate lanes"),
                _("Doors, lanes, how many went through"),
                "ui/icons/key.svg",
                SETS_UP_TERMINALS,
            ),
            Page(
                "console:terminals",
                _("Tills"),
                _("Set up and pair the tills"),
                "ui/icons/terminal.svg",
                SETS_UP_TERMINALS,
            ),
            Page(
                "console:staff",
                _("Staff"),
                _("Who signs in, and what they may do"),
                "ui/icons/staff.svg",
                ADMINISTERS,
            ),
            Page(
                "console:mail",
                _("E-mails"),
                _("The mail server, refused addresses"),
                "ui/icons/letter.svg",
                READS_MAIL,
            ),
            Page(
                "console:health",
                _("Health"),
                _("Whether everything runs as it should"),
                "ui/icons/settings.svg",
                READS_PROTECTION,
            ),
        ),
    ),
)


def areas_for(request: PageRequest) -> list[Area]:
    """Return the areas with the pages that who looks finds; none that would be empty."""

    def finds(page: Page) -> bool:
        if request.roles.isdisjoint(page.roles):
            return False
        return page.is_for is None or page.is_for(request)

    found = [Area(area.name, area.label, tuple(filter(finds, area.pages))) for area in AREAS]
    return [area for area in found if area.pages]


def section_of(areas: list[Area], path: str) -> tuple[str, str]:
    """Return the names of the area and the page that an address belongs to; empty where it is in none."""
    here = [(area, page) for area in areas for page in area.pages if path.startswith(page.url)]
    if not here:
        return "", ""
    area, page = max(here, key=lambda pair: len(pair[1].url))
    return area.name, page.name
