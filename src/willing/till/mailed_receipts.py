"""Receipts by e-mail: each evening, what a child bought, to the guardians who asked for it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import close_old_connections
from django.db.models import QuerySet
from django.utils.translation import get_language

from willing.core.clock import now
from willing.core.money import format_minor
from willing.core.transactions import atomic, lock
from willing.mail.models import Mail, MailWish, Topic
from willing.mail.outbox import write_to
from willing.people.models import Guardian, Person, School
from willing.people.queries import find_school, persons_of
from willing.till.models import Sale

# By then most canteens are closed, and a family is not asleep. What is bought later is in the next evening's.
EVENING = time(19)


def write_receipts_here() -> int:
    """Write the mails of the last evening at the school here. Return how many; twice writes none."""
    school = find_school()
    written = write_receipts(school) if school is not None else 0
    close_old_connections()
    return written


def write_receipts(school: School) -> int:
    """Write to each guardian who asked for it what their children bought until the last evening."""
    day = last_evening(school, now())
    wishes = MailWish.objects.filter(topic=Topic.BOUGHT, guardian__school=school)
    guardians = wishes.values_list("guardian_id", flat=True).order_by("pk")
    return sum(_write(school, guardian_id, day) for guardian_id in list(guardians))


def last_evening(school: School, at: datetime) -> date:
    """Return the day whose evening was the last one at the school."""
    local = at.astimezone(ZoneInfo(school.time_zone))
    return local.date() if local.time() >= EVENING else local.date() - timedelta(days=1)


@atomic
def _write(school: School, guardian_id: UUID, day: date) -> int:
    """Write a guardian's mails of a day. Locked, so that two servers do not both do it."""
    guardian = lock(Guardian.objects).filter(pk=guardian_id).first()
    if guardian is None:
        return 0
    done = Mail.objects.filter(guardian=guardian, topic=Topic.BOUGHT, day=day).values("person")
    bought = sales_of_day(school, day).filter(person__in=persons_of(guardian)).exclude(person__in=done)
    persons = Person.objects.select_related("school").filter(pk__in=bought.order_by().values("person"))
    return sum(write_to([guardian], Topic.BOUGHT, person, day=day) for person in persons)


def sales_of_day(school: School, day: date) -> QuerySet[Sale]:
    """Return what was sold from the evening before a day until its own."""
    zone = ZoneInfo(school.time_zone)
    begin = datetime.combine(day - timedelta(days=1), EVENING, zone)
    end = datetime.combine(day, EVENING, zone)
    return Sale.objects.filter(school=school, settled_at__gte=begin, settled_at__lt=end)


def details_of_mail(mail: Mail) -> Mapping[str, object]:
    """Return the purchases of a mail. Who paid is not among them: mail is read by others too."""
    if mail.day is None:
        return {"sales": []}
    rows = sales_of_day(mail.person.school, mail.day).filter(person=mail.person)
    found = rows.select_related("terminal", "school", "basket").prefetch_related("basket__lines")
    return {"sales": [_as_text(sale) for sale in found.order_by("receipt_number")]}


def _as_text(sale: Sale) -> Mapping[str, object]:
    language, currency = get_language() or "en", sale.school.currency
    at = sale.settled_at.astimezone(ZoneInfo(sale.school.time_zone))

    def money(amount_minor: int) -> str:
        return format_minor(amount_minor, currency, language)

    return {
        "number": sale.receipt_number,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "place": sale.terminal.name,
        "lines": [
            f"{line.quantity} × {line.label}: {money(line.total_minor)}" for line in sale.basket.lines.all()
        ],
        "total": money(sale.total_minor),
        "refunded": money(sale.refunded_minor) if sale.refunded_minor else "",
    }
