"""Everything that is held about a person, in words that they can read (GDPR articles 15 and 20).

It never holds the template itself, and nothing that is somebody else's: another guardian's words and contact
stay out of what a guardian downloads.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from willing.audit.models import Entry
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import templates_of, uses_of_face
from willing.consent.models import SERVED_PURPOSES, Decision, Excuse, Notification
from willing.consent.queries import permission
from willing.core.clock import now
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor
from willing.people.models import Guardian, GuardianLink, Person, School, User
from willing.rights.models import Complaint
from willing.rights.rules import rate_at_most
from willing.till.models import Card, MealAllowance, Pin, Sale, Terminal
from willing.till.queries import limits_of, sales_of_person

SAFETY_DAYS = 90
LOOKS = ("record.viewed", "till.looked_up", "record.downloaded")


def everything_about(person: Person, *, guardian: Guardian | None = None) -> dict[str, Any]:
    """Return all that is held about a person, as values that JSON can carry.

    guardian: who asks, where a guardian does; None for the person and for the office. Amounts are minor units
    of `currency`, times ISO 8601 in UTC.
    """
    person = Person.objects.select_related("school", "year_group").get(pk=person.pk)
    return {
        "person": _person(person),
        "currency": person.school.currency,
        "guardians": _guardians(person, guardian),
        "permissions": _permissions(person),
        "told": _told(person, guardian),
        "need_not_be_told": _excused(person, guardian),
        "decisions": _decisions(person, guardian),
        "faces": _faces(person),
        "uses_of_face": _uses_of_face(person),
        "cards": _cards(person),
        "has_pin": Pin.objects.filter(person=person).exists(),
        "limits": _limits(person),
        "balance_minor": available_minor(person),
        "meal_allowance": _allowance(person),
        "paid_in": _paid_in(person),
        "charges": [_charge(sale) for sale in sales_of_person(person)],
        "who_looked": _who_looked(person.id),
        "log": _log(person.id),
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "kind": person.kind,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "year": str(person.year_group or ""),
        "till_number": person.till_number,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "external_id": person.external_id,
        "joined_at": _time(person.joined_at),
        "left_at": _time(person.left_at),
    }


def _guardians(person: Person, asking: Guardian | None) -> list[dict[str, Any]]:
    links = GuardianLink.objects.filter(person=person).select_related("guardian")
    if asking is not None:
        links = links.filter(guardian=asking)
    return [
        {
            "name": link.guardian.name,
            "email": link.guardian.email,
            "relationship": link.relationship,
            "ended_at": _time(link.ended_at),
        }
        for link in links.order_by("id")
    ]


def _permissions(person: Person) -> list[dict[str, Any]]:
    found = {purpose.value: permission(person, purpose) for purpose in SERVED_PURPOSES}
    return [
        {"purpose": purpose, "granted": one.granted, "missing": list(one.reasons)}
        for purpose, one in found.items()
    ]


def _told(person: Person, asking: Guardian | None) -> list[dict[str, Any]]:
    rows = Notification.objects.filter(person=person).select_related("notice", "guardian")
    if asking is not None:
        rows = rows.filter(guardian=asking)
    return [
        {
            "guardian": row.guardian.name,
            "purpose": row.purpose,
            "notice_sha256": row.notice.sha256,
            "channel": row.channel,
            "at": _time(row.at),
        }
        for row in rows.order_by("at")
    ]


def _excused(person: Person, asking: Guardian | None) -> list[dict[str, Any]]:
    """Return which guardians need not be told; no guardian reads why another one is not."""
    if asking is not None:
        return []
    rows = Excuse.objects.filter(person=person).select_related("guardian").order_by("at")
    return [
        {
            "guardian": row.guardian.name,
            "reason": row.reason,
            "at": _time(row.at),
            "ended_at": _time(row.ended_at),
        }
        for row in rows
    ]


def _decisions(person: Person, asking: Guardian | None) -> list[dict[str, Any]]:
    rows = Decision.objects.filter(person=person).select_related("notice", "guardian", "undo")
    return [
        {
            "by": row.guardian.name if row.guardian else "the person",
            "purpose": row.purpose,
            "answer": row.answer,
            "channel": row.channel,
            "on_paper": row.paper_id is not None,
            "undone_at": _time(row.undo.at) if hasattr(row, "undo") else None,
            "notice_version": row.notice.version,
            "notice_sha256": row.notice.sha256,
            "at": _time(row.at),
        }
        for row in rows.order_by("id")
        if asking is None or row.guardian_id in (None, asking.id)
    ]


def _faces(person: Person) -> list[dict[str, Any]]:
    return [
        {
            "purpose": row.purpose,
            "mode": row.mode,
            "references": row.references,
            "model": row.model_id,
            "enrolled_at": _time(row.enrolled_at),
            "suspended_at": _time(row.suspended_at),
            "suspended_for": row.suspended_for,
            "recognised": [
                {"month": one.month.isoformat()[:7], "times": one.looks}
                for one in row.own_scores.order_by("month")
            ],
        }
        for row in templates_of(person)
    ]


def _limits(person: Person) -> dict[str, Any]:
    limits = limits_of(person)
    return {
        "daily_minor": limits.daily_minor,
        "face_daily_minor": limits.face_daily_minor,
        "set_at": _time(limits.set_at),
    }


def _uses_of_face(person: Person) -> list[dict[str, Any]]:
    places = dict(Terminal.objects.filter(school=person.school).values_list("id", "name"))
    return [
        {
            "purpose": session.purpose,
            "place": places.get(session.place, ""),
            "outcome": session.state,
            "at": _time(session.opened_at),
        }
        for session in uses_of_face(person)
    ]


def _allowance(person: Person) -> dict[str, Any] | None:
    row = MealAllowance.objects.filter(person=person).first()
    if row is None:
        return None
    ends_on = row.ends_on.isoformat() if row.ends_on else None
    return {"daily_minor": row.daily_minor, "ends_on": ends_on, "set_at": _time(row.set_at)}


def _cards(person: Person) -> list[dict[str, Any]]:
    rows = Card.objects.filter(person=person).order_by("issued_at")
    return [{"issued_at": _time(card.issued_at), "ended_at": _time(card.revoked_at)} for card in rows]


def _paid_in(person: Person) -> list[dict[str, Any]]:
    rows = Transfer.objects.filter(
        credit__person=person, credit__kind=Account.Kind.WALLET, reason=Transfer.Reason.TOPUP
    )
    return [{"amount_minor": row.amount_minor, "at": _time(row.at)} for row in rows.order_by("at")]


def _charge(sale: Sale) -> dict[str, Any]:
    refund = getattr(sale, "refund", None)
    return {
        "receipt_number": sale.receipt_number,
        "way": sale.way,
        "total_minor": sale.total_minor,
        "items": [
            {"name": line.product.name, "quantity": line.quantity, "total_minor": line.total_minor}
            for line in sale.basket.lines.all()
        ],
        "at": _time(sale.settled_at),
        "refunded_at": _time(refund.at) if refund else None,
    }


def _who_looked(person_id: UUID) -> list[dict[str, Any]]:
    entries = list(Entry.objects.filter(subject=person_id, event__in=LOOKS).order_by("sequence"))
    names: dict[int | None, str] = {user.pk: user.get_full_name() for user in User.objects.all()}
    return [
        {"who": names.get(_facts(entry).get("by"), ""), "event": entry.event, "at": _time(entry.at)}
        for entry in entries
    ]


def _log(person_id: UUID) -> list[dict[str, Any]]:
    rows = Entry.objects.filter(subject=person_id).order_by("sequence")
    return [{"entry": row.sequence, "event": row.event, "at": _time(row.at)} for row in rows]


def _facts(entry: Entry) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(bytes(entry.hashed))["facts"]
    return facts


@dataclass(frozen=True)
class WrongRecognitions:
    """How often a face showed somebody else's name.

    denied: presses of "Not me" after a face, which also happen by mistake. confirmed: reports that the office
    looked into and found right.
    """

    denied: int
    confirmed: int


def wrong_recognitions(school: School, begin: datetime, end: datetime) -> WrongRecognitions:
    """Return how often a face was said to be wrong at a school's terminals in [begin, end)."""
    terminals = {str(pk) for pk in Terminal.objects.filter(school=school).values_list("id", flat=True)}
    entries = Entry.objects.filter(event="till.not_me", at__gte=begin, at__lt=end)
    told = [_facts(entry) for entry in entries.iterator()]
    denied = [one for one in told if one.get("way") == "face" and one.get("terminal") in terminals]
    return WrongRecognitions(len(denied), _confirmed(school, begin, end))


def _confirmed(school: School, begin: datetime, end: datetime) -> int:
    rows = Complaint.objects.filter(
        school=school, kind=Complaint.Kind.WRONG_RECOGNITION, outcome=Complaint.Outcome.CONFIRMED
    ).filter(raised_at__gte=begin, raised_at__lt=end)
    # Two guardians may have reported the same use; it was wrong once.
    return len({(sale or session) for sale, session in rows.values_list("sale_id", "face_session")})


@dataclass(frozen=True)
class SafetyFigures:
    """How often faces recognised somebody at a school, and how often that was wrong.

    rate_at_most: with 95 % certainty the true rate of wrong recognitions lies under it; None without uses.
    """

    uses: int
    confirmed: int
    rate_at_most: float | None


def safety_figures(
    school: School, begin: datetime | None = None, end: datetime | None = None
) -> SafetyFigures:
    """Return the figures for [begin, end); by default for the ninety days until now."""
    end = end or now()
    begin = begin or end - timedelta(days=SAFETY_DAYS)
    sessions = FaceSession.objects.filter(school=school, state=FaceSession.State.MATCHED)
    uses = sessions.filter(opened_at__gte=begin, opened_at__lt=end).count()
    confirmed = _confirmed(school, begin, end)
    return SafetyFigures(uses, confirmed, rate_at_most(min(confirmed, uses), uses))
