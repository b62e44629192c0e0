"""Who the person is, their guardians, and how each signs in."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q

from willing.accounts.models import Invitation, User
from willing.attendance.message_models import ContactCheck
from willing.credentials.models import StaffPin
from willing.drawers.models import DrawerSession
from willing.people.models import Guardian, GuardianLink, Person
from willing.privacy.readers import RecordReader
from willing.privacy.values import iso
from willing.roster.models import ListedChange
from willing.terminals.models import SignOn


def person_section(person: Person) -> dict[str, Any]:
    """Return who a person is, as the school's register says."""
    return {
        "id": str(person.id),
        "kind": person.kind,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "year": str(person.year_group or ""),
        "till_number": person.till_number,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "external_id": person.external_id,
        "may_sign_in": person.may_sign_in,
        "joined_at": iso(person.joined_at),
        "left_at": iso(person.left_at),
        # Earlier records of the same person, each with its own history.
        "merged_records": sorted(person.merged.values_list("till_number", flat=True)),
    }


def guardians(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return a person's guardians, as far as the reader may see them."""
    rows = GuardianLink.objects.filter(person=person).select_related("guardian").order_by("id")
    return [
        {
            "name": link.guardian.name,
            # A guardian's own contact is theirs, not the pupil's.
            **({} if reader.is_person else _contact(link.guardian)),
            **({} if reader.is_person else {"confirmed_at": iso(_confirmed_at(link.guardian))}),
            "relationship": link.relationship,
            "ended_at": iso(link.ended_at),
        }
        for link in rows
        if reader.sees_of(link.guardian_id)
    ]


def _confirmed_at(guardian: Guardian) -> datetime | None:
    check = ContactCheck.objects.filter(guardian=guardian).first()
    return check.confirmed_at if check else None


def list_changes(person: Person) -> list[dict[str, Any]]:
    """Return what the last list of the school changed of a person, with the earlier values; for a day."""
    rows = ListedChange.objects.filter(person=person, guardian=None).select_related("list_import")
    return [
        {
            "at": iso(row.list_import.at),
            "deed": row.deed,
            "earlier": {name: value for name, value in row.before.items() if name not in ("ways", "face")},
        }
        for row in rows.order_by("pk")
    ]


def _contact(guardian: Guardian) -> dict[str, str]:
    return {"email": guardian.email, "phone": guardian.phone, "language": guardian.language}


def sign_ins(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return how the person signs in, and how the reader does (for the office: every guardian)."""
    whose = Q(person=person)
    if reader.guardian:
        whose |= Q(guardian=reader.guardian)
    elif reader.is_office:
        whose |= Q(guardian__links__person=person)
    return [_sign_in(user) for user in User.objects.filter(whose).distinct().order_by("pk")]


def _sign_in(user: User) -> dict[str, Any]:
    factors = Authenticator.objects.filter(user=user).order_by("pk")
    return {
        "name": user.get_full_name(),
        "user_name": user.username,
        "is_active": user.is_active,
        "roles": sorted(user.roles.values_list("kind", flat=True)),
        "joined_at": iso(user.date_joined),
        "last_sign_in_at": iso(user.last_login),
        "has_password": user.has_usable_password(),
        "factors": [
            {"kind": one.type, "added_at": iso(one.created_at), "used_at": iso(one.last_used_at)}
            for one in factors
        ],
        "emails": list(EmailAddress.objects.filter(user=user).values_list("email", flat=True)),
        "school_accounts": list(SocialAccount.objects.filter(user=user).values_list("uid", flat=True)),
        "has_till_pin": StaffPin.objects.filter(user=user).exists(),
        "drawer_days": sorted(_drawer_days(user)),
        "on_at_tills": list(SignOn.objects.filter(user=user).values_list("terminal__name", flat=True)),
    }


def _drawer_days(user: User) -> set[str]:
    """Return the days on which a member of staff opened, counted or closed a drawer."""
    mine = Q(opened_by=user) | Q(counted_by=user) | Q(closed_by=user)
    return {day.isoformat() for day in DrawerSession.objects.filter(mine).values_list("day", flat=True)}


def invitations(person: Person, reader: RecordReader) -> list[dict[str, Any]]:
    """Return how guardians were invited to the family page; a pupil reads none of it."""
    rows = Invitation.objects.filter(guardian__links__person=person).select_related("guardian")
    return [
        {
            "guardian": row.guardian.name if row.guardian else "",
            "created_at": iso(row.created_at),
            "expires_at": iso(row.expires_at),
            "used_at": iso(row.used_at),
            "revoked_at": iso(row.revoked_at),
        }
        for row in rows.order_by("created_at")
        if not reader.is_person and reader.sees_of(row.guardian_id)
    ]
