"""Reads of the till."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from willing.biometrics.engine import is_available
from willing.biometrics.models import FaceSession, Template
from willing.biometrics.queries import mode_of, usable_template
from willing.consent.models import SERVED_PURPOSES, Purpose
from willing.core.clock import now
from willing.keys.master import keyed_digest
from willing.people.models import Person, School
from willing.till import errors
from willing.till.models import (
    Basket,
    Card,
    FailedTry,
    Limits,
    MealAllowance,
    Pin,
    PinTries,
    Product,
    ReceiptCounter,
    Refund,
    Sale,
    SchoolLimits,
    Terminal,
    Way,
)
from willing.till.rules import FACE_DAILY_MINOR, FaceOffer, FaceSituation, decide_face_offer, wait_seconds


def menu(school: School) -> list[Product]:
    """Return what is on sale, in the order of the menu."""
    return list(Product.objects.filter(school=school, is_on_sale=True))


def find_product_by_barcode(school: School, barcode: str) -> Product | None:
    """Return the product on sale with this bar code, or None."""
    found = Product.objects.filter(school=school, is_on_sale=True).exclude(barcode="")
    return found.filter(barcode=barcode.strip()).first()


def live_basket(terminal: Terminal) -> Basket | None:
    """Return the basket that is open or identified at a till, or None."""
    return (
        Basket.objects.filter(terminal=terminal, state__in=[Basket.State.OPEN, Basket.State.IDENTIFIED])
        .select_related("person__year_group", "terminal__school")
        .first()
    )


def find_basket(terminal: Terminal, basket_id: UUID) -> Basket | None:
    """Return a basket of this till, in whatever state, or None."""
    found = Basket.objects.filter(pk=basket_id, terminal=terminal)
    return found.select_related("person__year_group", "terminal__school").first()


def basket_total_minor(basket: Basket) -> int:
    """Return the sum of a basket, in minor units."""
    return sum(line.total_minor for line in basket.lines.all())


def ways_here(terminal: Terminal) -> list[str]:
    """Return the ways that work at a till now; the face only where the engine is installed and allowed."""
    return [way for way in terminal.ways if way != Way.FACE or is_available(terminal.school)]


def face_offer(basket: Basket) -> FaceOffer:
    """Return what a face can do for a basket now."""
    terminal, person = basket.terminal, basket.person
    is_open = basket.state == Basket.State.OPEN
    claim = basket.way if basket.state == Basket.State.IDENTIFIED else ""
    return decide_face_offer(
        FaceSituation(
            is_taken=Way.FACE in ways_here(terminal),
            looks=FaceSession.objects.filter(deed=basket.id).count(),
            is_open=is_open,
            may_identify=is_open and _may_identify(basket),
            claim=claim,
            may_verify=person is not None and usable_template(person, terminal.purpose) is not None,
        )
    )


def _may_identify(basket: Basket) -> bool:
    school = basket.terminal.school
    is_small = basket_total_minor(basket) <= school_face_daily_minor(school)
    return is_small and mode_of(school) == Template.Mode.IDENTIFY


def ways_for(basket: Basket) -> list[str]:
    """Return the ways to pay for a basket that is open: those of the till, the face while it can help."""
    here = ways_here(basket.terminal)
    return [way for way in here if way != Way.FACE or face_offer(basket) is not FaceOffer.NONE]


def school_face_daily_minor(school: School) -> int:
    """Return how much a face alone may pay in a day at a school, in minor units."""
    found = SchoolLimits.objects.filter(school=school).values_list("face_daily_minor", flat=True).first()
    return FACE_DAILY_MINOR if found is None else found


@dataclass(frozen=True)
class LimitsOfPerson:
    """What holds for a person, set or not: daily_minor None where nothing limits what they spend."""

    daily_minor: int | None
    face_daily_minor: int
    set_at: datetime | None


def limits_of(person: Person) -> LimitsOfPerson:
    """Return a person's limits. One for the face always holds, before the first purchase with it."""
    own = Limits.objects.filter(person=person).first()
    school = school_face_daily_minor(person.school)
    if own is None:
        return LimitsOfPerson(None, school, None)
    face = school if own.face_daily_minor is None else min(own.face_daily_minor, school)
    return LimitsOfPerson(own.daily_minor, face, own.set_at)


def spent_today_minor(person: Person) -> int:
    """Return what went from a person's wallet today, without what was given back."""
    return _sales_today(person).aggregate(total=Sum("wallet_hold__amount_minor"))["total"] or 0


def bought_by_face_alone_today_minor(person: Person) -> int:
    """Return what a person bought today by the face alone, whoever paid for it."""
    by_face = _sales_today(person).filter(way=Way.FACE, basket__claim="")
    return by_face.aggregate(total=Sum("total_minor"))["total"] or 0


def _sales_today(person: Person) -> QuerySet[Sale]:
    # A sale that bears a later day was written by a clock that ran ahead; it is no use of today's money.
    begin, end = day_bounds(person.school, today(person.school))
    sales = Sale.objects.filter(person=person, held_at__gte=begin, held_at__lt=end, refund=None)
    return sales.exclude(state=Sale.State.VOIDED)


def allowance_of(person: Person) -> MealAllowance | None:
    """Return a person's meal allowance, or None where there is none, or none any more."""
    found = MealAllowance.objects.filter(person=person).first()
    is_over = found is not None and found.ends_on is not None and found.ends_on < today(person.school)
    return None if is_over else found


def allowance_left_minor(person: Person) -> int:
    """Return what is left of a person's meal allowance today. What the school carried counts."""
    allowance = allowance_of(person)
    if allowance is None:
        return 0
    spent = _sales_today(person).aggregate(total=Sum("meals_hold__amount_minor"))["total"] or 0
    return max(0, allowance.daily_minor - spent)


def was_not_confirmed(basket: Basket) -> bool:
    """Say whether a look could not confirm whom a card or PIN named: then the cashier looks."""
    last = last_session_of(basket) if basket.state == Basket.State.IDENTIFIED else None
    return last is not None and last.mode == Template.Mode.VERIFY and last.state == FaceSession.State.UNKNOWN


def open_session_of(basket: Basket) -> FaceSession | None:
    """Return the face session that is open for a basket, or None."""
    return FaceSession.objects.filter(deed=basket.id, state=FaceSession.State.OPEN).first()


def last_session_of(basket: Basket) -> FaceSession | None:
    """Return the newest face session of a basket, whatever its outcome, or None."""
    return FaceSession.objects.filter(deed=basket.id).order_by("-number").first()


@dataclass(frozen=True)
class WaySummary:
    """One way's day: payments, their sum, tries that failed, and the median wait in whole seconds.

    wait_seconds runs from the basket's opening to the payment, the same for every way (promise 2); None
    where nobody paid this way.
    """

    way: str
    sales: int
    total_minor: int
    failures: int
    wait_seconds: int | None


@dataclass(frozen=True)
class Day:
    """What was sold on one day of the school's own time zone."""

    date: date
    ways: tuple[WaySummary, ...]
    sales: int
    total_minor: int
    refunds: int
    refunded_minor: int
    held: int


def day_bounds(school: School, day: date) -> tuple[datetime, datetime]:
    """Return the moments at which a school's day begins and ends."""
    zone = ZoneInfo(school.time_zone)
    begin = datetime.combine(day, time.min, zone)
    return begin, datetime.combine(day + timedelta(days=1), time.min, zone)


def today(school: School) -> date:
    """Return the day that it is at a school."""
    return now().astimezone(ZoneInfo(school.time_zone)).date()


def day_ahead(school: School) -> date | None:
    """Return the last day that a payment bears, where that lies ahead: the clock had run ahead."""
    _begin, end = day_bounds(school, today(school))
    ahead = Sale.objects.filter(school=school, settled_at__gte=end).order_by("-settled_at")
    at = ahead.values_list("settled_at", flat=True).first()
    return at.astimezone(ZoneInfo(school.time_zone)).date() if at else None


def day_summary(school: School, day: date) -> Day:
    """Return the sales of a day by way, with failures, waits and refunds."""
    begin, end = day_bounds(school, day)
    sold = Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
    refunds = Refund.objects.filter(sale__school=school, at__gte=begin, at__lt=end)
    failures = _failures(school, begin, end)
    counted = sold.values_list("way").annotate(sales=Count("id"), total=Sum("total_minor")).order_by()
    totals: dict[str, tuple[int, int]] = {way: (sales, total) for way, sales, total in counted}
    waits = _waits(sold)
    ways = tuple(
        WaySummary(way, *totals.get(way, (0, 0)), failures.get(way, 0), waits.get(way)) for way in Way.values
    )
    return Day(
        date=day,
        ways=ways,
        sales=sum(way.sales for way in ways),
        total_minor=sum(way.total_minor for way in ways),
        refunds=refunds.count(),
        refunded_minor=refunds.aggregate(total=Sum("sale__total_minor"))["total"] or 0,
        held=Sale.objects.filter(school=school, state=Sale.State.HELD).count(),
    )


def _failures(school: School, begin: datetime, end: datetime) -> dict[str, int]:
    tries = FailedTry.objects.filter(terminal__school=school, at__gte=begin, at__lt=end)
    counts = dict(tries.values_list("way").annotate(count=Count("id")).order_by())
    sessions = FaceSession.objects.filter(
        school=school,
        opened_at__gte=begin,
        opened_at__lt=end,
        state__in=[FaceSession.State.UNKNOWN, FaceSession.State.AMBIGUOUS],
    )
    counts[Way.FACE] = counts.get(Way.FACE, 0) + sessions.count()
    return counts


def _waits(sold: QuerySet[Sale]) -> dict[str, int]:
    by_way: dict[str, list[float]] = {}
    for way, opened_at, settled_at in sold.values_list("way", "basket__opened_at", "settled_at"):
        seconds = wait_seconds(opened_at, settled_at)
        if seconds is not None:
            by_way.setdefault(way, []).append(seconds)
    return {way: round(median(seconds)) for way, seconds in by_way.items()}


def sales_of_day(school: School, day: date) -> QuerySet[Sale]:
    """Return the settled sales of a day, newest first, with person, basket lines and refund at hand."""
    begin, end = day_bounds(school, day)
    return (
        Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)
        .select_related("person__year_group", "refund", "basket__terminal")
        .prefetch_related("basket__lines__product")
        .order_by("-settled_at")
    )


def sales_of_person(person: Person) -> QuerySet[Sale]:
    """Return a person's settled sales, newest first."""
    return (
        Sale.objects.filter(person=person, state=Sale.State.SETTLED)
        .select_related("refund")
        .prefetch_related("basket__lines__product")
        .order_by("-settled_at")
    )


def way_used_most(person: Person) -> str | None:
    """Return the way that a person paid by most often in the last ninety days, or None where they did not."""
    since = now() - timedelta(days=90)
    sales = Sale.objects.filter(person=person, state=Sale.State.SETTLED, settled_at__gte=since)
    counted = sales.order_by().values_list("way").annotate(count=Count("id")).order_by("-count", "way")
    return next((way for way, _count in counted), None)


def find_sale(school: School, sale_id: UUID) -> Sale | None:
    """Return a sale of this school with its lines and its refund at hand, or None."""
    return (
        Sale.objects.filter(school=school, pk=sale_id)
        .select_related("refund", "basket__terminal")
        .prefetch_related("basket__lines__product")
        .first()
    )


def terminals(school: School) -> list[Terminal]:
    """Return the terminals of a school that are not retired."""
    return list(Terminal.objects.filter(school=school, retired_at=None))


def terminal_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of terminals by their ids, retired ones among them."""
    return dict(Terminal.objects.filter(pk__in=set(ids)).values_list("id", "name"))


def require_terminal_of(school: School, terminal_id: UUID) -> Terminal:
    """Return a terminal of this school. Raises Refused terminal_unknown."""
    found = Terminal.objects.filter(school=school, pk=terminal_id, retired_at=None).first()
    if found is None:
        raise errors.terminal_unknown()
    return found


def asked_purposes(school: School) -> list[str]:
    """Return the purposes that families are asked about: the canteen, and what else has a terminal."""
    with_terminal = {terminal.purpose for terminal in terminals(school)}
    return [
        purpose.value
        for purpose in SERVED_PURPOSES
        if purpose is Purpose.CANTEEN or purpose.value in with_terminal
    ]


@dataclass(frozen=True)
class WaysOfPerson:
    """What a person can pay with beside a face: how many live cards, and whether there is a PIN."""

    cards: int
    has_pin: bool
    is_pin_locked: bool


def ways_of_person(person: Person) -> WaysOfPerson:
    """Return a person's cards and PIN, as far as a page may tell."""
    has_pin = Pin.objects.filter(person=person).exists()
    locked_until = tries_of(person).locked_until
    return WaysOfPerson(
        cards=Card.objects.filter(person=person, revoked_at=None).count(),
        has_pin=has_pin,
        is_pin_locked=has_pin and locked_until is not None and locked_until > now(),
    )


def tries_of(person: Person) -> PinTries:
    """Return the tries of a person's number that count now; none is a row like any other."""
    found = PinTries.objects.filter(key=key_of_number(person.school, person.till_number)).first()
    return found or PinTries()


def key_of_number(school: School, number: int) -> str:
    """Return the key under which tries with a till number are counted."""
    return keyed_digest("pin-tries", f"{school.id}:number:{number}")


def highest_receipts() -> dict[str, int]:
    """Return the highest receipt number that each school gave out, by the school's id."""
    return {str(school): last for school, last in ReceiptCounter.objects.values_list("school_id", "last")}
