"""The staff pages: who may open which, and how they are all shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.accounts.access import PageRequest
from willing.accounts.models import User

OFFICE = ("office",)
READS_THE_DAY = ("office", "canteen", "cashier")
REFUNDS = ("office", "canteen")
WRITES_OFF = ("office", "administrator")
READS_MONEY = ("office", "canteen")
SETS_TAX = ("office",)
CLOSES_MONTHS = ("office",)
KEEPS_THE_MENU = ("office", "canteen")
READS_THE_FORECAST = ("office", "canteen")
READS_FACES = ("office", "dpo")
SETS_UP_TERMINALS = ("office", "administrator")
KEEPS_THE_CALENDAR = ("office", "administrator")
SETS_LIMITS = ("office", "administrator")
ADMINISTERS = ("administrator",)
READS_BANK_DETAILS = ("office", "administrator")
READS_MAIL = ("administrator", "office")
READS_THE_LOG = ("dpo", "administrator")
READS_PROTECTION = ("dpo", "office", "administrator")
PROTECTS = ("dpo",)
READS_RECEIPTS = ("dpo", "office")
ANSWERS_FAMILIES = ("dpo", "office")
COMPARES_WAYS = ("canteen", "dpo", "office")
STANDS_AT_THE_TILL = ("cashier", "office")
ANY_STAFF = ("cashier", "office", "canteen", "dpo", "administrator")


@dataclass(frozen=True)
class Page:
    """An entry of the navigation and of the front door."""

    name: str
    label: Promise
    hint: Promise
    icon: str
    roles: tuple[str, ...]

    @property
    def url(self) -> str:
        """The page's address."""
        return reverse(self.name)


TILL = Page(
    "kiosk:till", _("Till"), _("Sell, with every way to pay"), "ui/icons/basket.svg", STANDS_AT_THE_TILL
)
PAGES = (
    Page("console:today", _("Today"), _("Sales, waits and refunds"), "ui/icons/receipt.svg", READS_THE_DAY),
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
    Page("console:menu", _("Menu"), _("Products, prices, sold out"), "ui/icons/meal.svg", KEEPS_THE_MENU),
    Page(
        "console:meals",
        _("Meals"),
        _("Forecast, free meals, balances below zero"),
        "ui/icons/meal.svg",
        READS_THE_FORECAST,
    ),
    Page("console:people", _("People"), _("Cards, money and permissions"), "ui/icons/people.svg", OFFICE),
    Page(
        "console:enrol",
        _("Enrolment desk"),
        _("For those who want to pay with their face"),
        "ui/icons/face.svg",
        OFFICE,
    ),
    Page(
        "console:faces",
        _("Faces"),
        _("How they are used, who comes again, who looks alike"),
        "ui/icons/camera.svg",
        READS_FACES,
    ),
    Page(
        "console:consent-refusals",
        _("Record a refusal"),
        _("Whoever hears a no to a face enters it here"),
        "ui/icons/close.svg",
        ANY_STAFF,
    ),
    Page(
        "console:complaints",
        _("Complaints from families"),
        _("What is wrong, and what they ask for"),
        "ui/icons/letter.svg",
        ANSWERS_FAMILIES,
    ),
    Page(
        "console:terminals",
        _("Tills"),
        _("Set up and pair the tills"),
        "ui/icons/terminal.svg",
        SETS_UP_TERMINALS,
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
        "console:staff",
        _("Staff"),
        _("Who signs in, and what they may do"),
        "ui/icons/staff.svg",
        ADMINISTERS,
    ),
    Page(
        "console:protection",
        _("Data protection"),
        _("The lock, the assessment, what is kept"),
        "ui/icons/lock.svg",
        READS_PROTECTION,
    ),
    Page(
        "console:mail",
        _("E-mails"),
        _("The mail server, refused addresses"),
        "ui/icons/letter.svg",
        READS_MAIL,
    ),
    Page(
        "console:settings",
        _("School settings"),
        _("Name, address, law, colour"),
        "ui/icons/settings.svg",
        ADMINISTERS,
    ),
    Page(
        "console:health",
        _("Health"),
        _("Whether everything runs as it should"),
        "ui/icons/settings.svg",
        READS_PROTECTION,
    ),
    Page(
        "console:log", _("Log"), _("Read it and check that it is whole"), "ui/icons/shield.svg", READS_THE_LOG
    ),
)


def pages_for(roles: frozenset[str]) -> list[Page]:
    """Return the pages that someone with `roles` may open."""
    return [page for page in PAGES if not roles.isdisjoint(page.roles)]


def user_of(request: PageRequest) -> User:
    """Return who is signed in; `allow_roles` has let nobody else through."""
    return cast("User", request.user)


def show(
    request: PageRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Show a staff page in the school's own time; no browser and no proxy keeps a copy of it."""
    school = request.school
    roles = request.roles
    pages = pages_for(roles)
    here = [page for page in pages if request.path.startswith(page.url)]
    section = max(here, key=lambda page: len(page.url)).name if here else ""
    frame = {"school": school, "currency": school.currency, "pages": pages, "section": section}
    with timezone.override(ZoneInfo(school.time_zone)):
        response = render(request, template, {**frame, **context}, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def message_once(request: PageRequest, key: UUID, text: str) -> None:
    """Say on the next page what a form did. The second of two presses on one form says nothing more."""
    if request.session.get("said") != str(key):
        request.session["said"] = str(key)
        messages.success(request, text)
