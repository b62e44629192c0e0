"""Everything that is held about a person, as they can read it (GDPR articles 15 and 20).

It never holds the template itself, and nothing that is somebody else's: another guardian's words, contact and
answers stay out of what a guardian reads, and a guardian's contact out of what a pupil reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q, QuerySet

from willing.accounts.models import Invitation, User
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.biometrics.models import FaceSession, LookalikePair, OwnScores
from willing.biometrics.queries import templates_of
from willing.complaints.models import Complaint
from willing.consent.models import SERVED_PURPOSES, Decision, Excuse, Notification
from willing.consent.queries import permission
from willing.consent_forms.queries import forms_of
from willing.credentials.models import Card, Pin
from willing.credentials.queries import pin_attempts_of
from willing.ledger.models import Account, Transfer
from willing.ledger.queries import available_minor
from willing.people.models import Guardian, GuardianLink, Person
from willing.terminals.models import Terminal
from willing.till.limits import limits_of
from willing.till.models import Basket, MealAllowance, Sale
from willing.till.models import Limits as LimitsRow
from willing.till.queries import sales_of_person

FORMAT = "willing.everything/2"
LOOKS = ("record.viewed", "till.looked_up", "record.downloaded", "paper.viewed")
# Which part of the answer speaks of each table; a test fails for a table that is neither here nor left out.
COVERED: Mapping[str, str] = {
    "people.Person": "person",
    "people.YearGroup": "person",
    "people.Guardian": "guardians",
    "people.GuardianLink": "guardians",
    "accounts.User": "sign_ins",
    "accounts.Role": "sign_ins",
    "accounts.Invitation": "invitations",
    "account.EmailAddress": "sign_ins",
    "mfa.Authenticator": "sign_ins",
    "socialaccount.SocialAccount": "sign_ins",
    "consent.Notification": "told",
    "consent.Decision": "decisions",
    "consent.Undo": "decisions",
    "consent.Excuse": "excuses",
    "consent_forms.ConsentForm": "signed_forms",
    "biometrics.Template": "faces",
    "biometrics.OwnScores": "recognition",
    "biometrics.LookalikePair": "faces",
    "biometrics.FaceSession": "uses_of_face",
    "credentials.Card": "cards",
    "credentials.Pin": "pin",
    "till.Limits": "limits",
    "till.MealAllowance": "meal_allowance",
    "till.Basket": "baskets",
    "till.BasketLine": "charges",
    "till.Sale": "charges",
    "till.Refund": "charges",
    "terminals.Terminal": "uses_of_face",
    "till.Product": "charges",
    "ledger.Account": "balance_minor",
    "ledger.Transfer": "paid_in",
    "complaints.Complaint": "complaints",
    "complaints.ComplaintWords": "complaints",
    "audit.Entry": "log",
}
_SCHOOL = "the school's own; about nobody"
_LOG = "figures over the whole log; about nobody"
LEFT_OUT: Mapping[str, str] = {
    "keys.PersonKey": "a key, not data; it opens the template, which is never given out",
    "keys.GallerySecret": "a secret of the whole school",
    "keys.PendingWipe": "that bytes of a destroyed key are not overwritten yet; it names nobody",
    "keys.KeysInstallation": _SCHOOL,
    "core.Installation": _SCHOOL,
    "biometrics.KeyToDestroy": "a key that is about to be destroyed; the receipt of the erasure says so",
    "sessions.Session": "that a browser is signed in; signing out everywhere ends it",
    "account.EmailConfirmation": "never written: e-mail addresses come from the school's register",
    "socialaccount.SocialToken": "never written: tokens of the school's provider are not kept",
    "socialaccount.SocialApp": _SCHOOL,
    "credentials.FailedAttempt": "which way failed, where and when; never who",
    "credentials.PinAttempts": "how often a number or card was tried lately, under a digest; in `pin`",
    "accounts.FailedSignIns": "how many sign-ins failed for nobody in particular",
    "terminals.RequestKey": "which requests of a till were answered, for a day; never who",
    "accounts.Passkey": "the counter of a passkey that `sign_in` tells of",
    "audit.JournalLine": _LOG,
    "audit.LogCheck": _LOG,
    "audit.Head": _LOG,
    "audit.Node": _LOG,
    "audit.SignedCheckpoint": _LOG,
    "consent.Notice": "the published texts; each decision names the hash of its own",
    "people.School": _SCHOOL,
    "till.SchoolLimits": _SCHOOL,
    "till.ReceiptCounter": _SCHOOL,
    "biometrics.FacePolicy": _SCHOOL,
    "biometrics.GalleryState": _SCHOOL,
    "dpia.SignedAssessment": _SCHOOL,
    "dpia.FamilyConsultation": _SCHOOL,
    "dpia.ManualLock": _SCHOOL,
    "dpia.Risk": _SCHOOL,
    "dpia.Incident": "what happened and what was done, without names",
    "auth.Permission": _SCHOOL,
    "auth.Group": _SCHOOL,
    "contenttypes.ContentType": _SCHOOL,
}


@dataclass(frozen=True)
class Reader:
    """Who reads: a guardian, the person themselves, or (neither) the office."""

    guardian: Guardian | None = None
    is_person: bool = False

    @property
    def is_office(self) -> bool:
        """Whether the office reads, for whoever asked there."""
        return self.guardian is None and not self.is_person

    def sees_of(self, guardian_id: object) -> bool:
        """Say whether what one guardian (None: none) said, wrote or did may be read in full."""
        if self.guardian is None:
            return True
        return guardian_id is None or str(guardian_id) == str(self.guardian.id)


OFFICE = Reader()


def personal_data_of(person: Person, reader: Reader = OFFICE) -> dict[str, Any]:
    """Return all that is held about a person, as values that JSON can carry.

    Amounts are minor units of `currency`, times ISO 8601 in UTC.
    """
    person = Person.objects.select_related("school", "year_group").get(pk=person.pk)
    return {
        "format": FORMAT,
        "person": _person(person),
        "school": person.school.name,
        "currency": person.school.currency,
        "time_zone": person.school.time_zone,
        "guardians": _guardians(person, reader),
        "sign_ins": _sign_ins(person, reader),
        "invitations": _invitations(person, reader),
        "permissions": _permissions(person),
        "told": _notifications(person, reader),
        "excuses": _excuses(person, reader),
        "decisions": _decisions(person, reader),
        "signed_forms": _signed_forms(person, reader),
        "faces": _faces(person),
        "recognition": _recognition(person),
        "uses_of_face": _uses_of_face(person),
        "cards": _cards(person),
        "pin": _pin(person),
        "limits": _limits(person, reader),
        "balance_minor": available_minor(person),
        "meal_allowance": _allowance(person),
        "paid_in": _paid_in(person),
        "charges": [_charge(sale) for sale in sales_of_person(person).select_related("basket__terminal")],
        "baskets": _baskets(person),
        "complaints": _complaints(person, reader),
        "who_looked": views_of(person, reader),
        "log": [
            {"entry": one.sequence, "event": one.event, "at": _time(one.at)}
            for one in entries(person, reader)
        ],
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
        "may_sign_in": person.may_sign_in,
        "joined_at": _time(person.joined_at),
        "left_at": _time(person.left_at),
    }


def _guardians(person: Person, reader: Reader) -> list[dict[str, Any]]:
    rows = GuardianLink.objects.filter(person=person).select_related("guardian").order_by("id")
    return [
        {
            "name": link.guardian.name,
            # A guardian's own contact is theirs, not the pupil's.
            **(
                {} if reader.is_person else {"email": link.guardian.email, "language": link.guardian.language}
            ),
            "relationship": link.relationship,
            "ended_at": _time(link.ended_at),
        }
        for link in rows
        if reader.sees_of(link.guardian_id)
    ]


def _contact(guardian: Guardian) -> dict[str, str]:
    return {"email": guardian.email, "language": guardian.language}


def _sign_ins(person: Person, reader: Reader) -> list[dict[str, Any]]:
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
        "joined_at": _time(user.date_joined),
        "last_sign_in_at": _time(user.last_login),
        "has_password": user.has_usable_password(),
        "factors": [
            {"kind": one.type, "added_at": _time(one.created_at), "used_at": _time(one.last_used_at)}
            for one in factors
        ],
        "emails": list(EmailAddress.objects.filter(user=user).values_list("email", flat=True)),
        "school_accounts": list(SocialAccount.objects.filter(user=user).values_list("uid", flat=True)),
    }


def _invitations(person: Person, reader: Reader) -> list[dict[str, Any]]:
    rows = Invitation.objects.filter(guardian__links__person=person).select_related("guardian")
    return [
        {
            "guardian": row.guardian.name,
            "made_at": _time(row.made_at),
            "ends_at": _time(row.ends_at),
            "used_at": _time(row.used_at),
            "revoked_at": _time(row.revoked_at),
        }
        for row in rows.order_by("made_at")
        if not reader.is_person and reader.sees_of(row.guardian_id)
    ]


def _permissions(person: Person) -> list[dict[str, Any]]:
    found = {purpose.value: permission(person, purpose) for purpose in SERVED_PURPOSES}
    return [
        {
            "purpose": purpose,
            "granted": one.granted,
            "missing": list(one.reasons),
            "suspended_since": _time(one.suspended_since),
            "suspended_until": _time(one.suspended_until),
        }
        for purpose, one in found.items()
    ]


def _notifications(person: Person, reader: Reader) -> list[dict[str, Any]]:
    rows = Notification.objects.filter(person=person).select_related("notice", "guardian")
    return [
        {
            "guardian": row.guardian.name,
            "purpose": row.purpose,
            "notice_sha256": row.notice.sha256,
            "channel": row.channel,
            "at": _time(row.at),
        }
        for row in rows.order_by("at")
        if reader.sees_of(row.guardian_id)
    ]


def _excuses(person: Person, reader: Reader) -> list[dict[str, Any]]:
    """Return why a guardian need not be told. For the office only: it may protect the child from one."""
    rows = Excuse.objects.filter(person=person).select_related("guardian").order_by("at")
    return [
        {
            "guardian": row.guardian.name,
            "reason": row.reason,
            "at": _time(row.at),
            "ended_at": _time(row.ended_at),
        }
        for row in rows
        if reader.is_office
    ]


def _decisions(person: Person, reader: Reader) -> list[dict[str, Any]]:
    rows = Decision.objects.filter(person=person).select_related("notice", "guardian", "recorded_by", "undo")
    return [
        {
            "by": row.guardian.name if row.guardian else "the person",
            "purpose": row.purpose,
            "answer": row.answer,
            "channel": row.channel,
            "entered_by": row.recorded_by.get_full_name() if row.recorded_by else None,
            "notice_version": row.notice.version,
            "notice_sha256": row.notice.sha256,
            "at": _time(row.at),
            "undone_at": _time(row.undo.at) if hasattr(row, "undo") else None,
        }
        for row in rows.order_by("id")
        if reader.sees_of(row.guardian_id)
    ]


def _signed_forms(person: Person, reader: Reader) -> list[dict[str, Any]]:
    """Return which signed forms are kept; the scan is shown at the office, where each look is logged."""
    signers = dict(
        Decision.objects.filter(person=person).exclude(paper_id=None).values_list("paper_id", "guardian_id")
    )
    return [
        {"kind": paper.kind, "size_bytes": paper.size_bytes, "at": _time(paper.at)}
        for paper in forms_of(person)
        if reader.sees_of(signers.get(paper.id))
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
            "suspended_for": row.suspended_for or None,
            "unconfirmed_since": _time(row.unconfirmed_since),
            # Whom they are like is about somebody else.
            "looks_like_somebody": LookalikePair.objects.filter(Q(one=row) | Q(other=row)).exists(),
        }
        for row in templates_of(person)
    ]


def _recognition(person: Person) -> list[dict[str, Any]]:
    rows = OwnScores.objects.filter(template__person=person).select_related("template").order_by("month")
    return [
        {
            "purpose": row.template.purpose,
            "month": row.month.isoformat(),
            "looks": row.looks,
            "likeness_percent": round(row.hundredths / row.looks),
        }
        for row in rows.defer("template__sealed")
    ]


def _uses_of_face(person: Person) -> list[dict[str, Any]]:
    places = dict(Terminal.objects.filter(school=person.school).values_list("id", "name"))
    rows = FaceSession.objects.filter(Q(person=person) | Q(claimed=person)).order_by("-opened_at")
    return [
        {
            "purpose": session.purpose,
            "place": places.get(session.place, ""),
            "mode": session.mode,
            "outcome": session.state,
            "at": _time(session.opened_at),
        }
        for session in rows
    ]


def _cards(person: Person) -> list[dict[str, Any]]:
    rows = Card.objects.filter(person=person).order_by("issued_at")
    return [{"issued_at": _time(card.issued_at), "ended_at": _time(card.revoked_at)} for card in rows]


def _pin(person: Person) -> dict[str, Any]:
    pin = Pin.objects.filter(person=person).first()
    if pin is None:
        return {"is_set": False, "wrong_tries": 0, "locked_until": None}
    tries = pin_attempts_of(person)
    return {"is_set": True, "wrong_tries": tries.wrong_tries, "locked_until": _time(tries.locked_until)}


def _limits(person: Person, reader: Reader) -> dict[str, Any]:
    holds = limits_of(person)
    row = LimitsRow.objects.filter(person=person).select_related("guardian").first()
    by = None
    if row:
        by = "a guardian" if row.guardian_id else "the office"
        if row.guardian and not reader.is_person and reader.sees_of(row.guardian_id):
            by = row.guardian.name
    return {
        "daily_minor": holds.daily_minor,
        "face_daily_minor": holds.face_daily_minor,
        "set_by": by,
        "set_at": _time(holds.set_at),
    }


def _allowance(person: Person) -> dict[str, Any] | None:
    row = MealAllowance.objects.filter(person=person).first()
    if row is None:
        return None
    ends_on = row.ends_on.isoformat() if row.ends_on else None
    return {"daily_minor": row.daily_minor, "ends_on": ends_on, "set_at": _time(row.set_at)}


def _paid_in(person: Person) -> list[dict[str, Any]]:
    rows = Transfer.objects.filter(
        credit__person=person, credit__kind=Account.Kind.WALLET, reason=Transfer.Reason.TOPUP
    )
    return [{"amount_minor": row.amount_minor, "at": _time(row.at)} for row in rows.order_by("at")]


def _charge(sale: Sale) -> dict[str, Any]:
    refund = getattr(sale, "refund", None)
    return {
        "receipt_number": sale.receipt_number,
        "place": sale.basket.terminal.name,
        "way": sale.way,
        "confirmed_by_face_after": sale.basket.claim or None,
        "total_minor": sale.total_minor,
        "items": [
            {"name": line.product.name, "quantity": line.quantity, "total_minor": line.total_minor}
            for line in sale.basket.lines.all()
        ],
        "at": _time(sale.settled_at),
        "refunded_at": _time(refund.at) if refund else None,
        "refund_reason": refund.reason if refund else None,
    }


def _baskets(person: Person) -> list[dict[str, Any]]:
    """Return baskets that the person was shown at and did not pay for."""
    rows = Basket.objects.filter(person=person).exclude(state=Basket.State.PAID).select_related("terminal")
    return [
        {"place": row.terminal.name, "way": row.way, "outcome": row.state, "at": _time(row.opened_at)}
        for row in rows.order_by("opened_at")
    ]


def complaints_of(person: Person, reader: Reader) -> QuerySet[Complaint]:
    """Return what was reported and asked about a person, newest first; of guardians, the reader's only."""
    rows = Complaint.objects.filter(person=person).select_related("words", "sale").order_by("-raised_at")
    if reader.guardian:
        rows = rows.filter(Q(guardian=None) | Q(guardian=reader.guardian))
    return rows


def may_read_words(complaint: Complaint, reader: Reader) -> bool:
    """Say whether the reader may read what was written: the office may, and whoever wrote it."""
    if reader.is_office or complaint.raised_by == Complaint.RaisedBy.OFFICE:
        return True
    if reader.guardian:
        return complaint.guardian_id == reader.guardian.id
    return complaint.raised_by == Complaint.RaisedBy.PUPIL


def _complaints(person: Person, reader: Reader) -> list[dict[str, Any]]:
    return [
        {
            "kind": row.kind,
            "raised_by": row.raised_by,
            "receipt_number": row.sale.receipt_number if row.sale else None,
            "said": row.words.said if may_read_words(row, reader) else None,
            "at": _time(row.raised_at),
            "outcome": row.outcome or None,
            "answer": row.words.answer if may_read_words(row, reader) else None,
            "answered_at": _time(row.answered_at),
        }
        for row in complaints_of(person, reader)
    ]


def views_of(person: Person, reader: Reader, *, newest: int | None = None) -> list[dict[str, Any]]:
    """Return who looked at a person's record or took it along, newest first: all, or the `newest` few."""
    rows = Entry.objects.filter(subject=person.id, event__in=LOOKS).order_by("-sequence")[:newest]
    looks = [(entry, facts_of(entry)) for entry in rows]
    users = User.objects.filter(pk__in={facts["by"] for _entry, facts in looks if facts.get("by")})
    names: dict[int | None, str] = {
        user.pk: user.get_full_name() for user in users.select_related("guardian", "person")
    }
    guardians = {str(one.id): one.name for one in Guardian.objects.filter(links__person=person)}
    found = []
    for entry, facts in looks:
        who = names.get(facts.get("by"), "")
        if facts.get("guardian"):
            is_shown = not reader.is_person and reader.sees_of(facts["guardian"])
            who = guardians.get(facts["guardian"], "") if is_shown else "a guardian"
        found.append({"who": who, "event": entry.event, "at": _time(entry.at)})
    return found


def entries(person: Person, reader: Reader) -> list[Entry]:
    """Return the log's entries about a person, oldest first, without what another guardian said or did.

    A guardian reads the entries about themselves too: their sign-ins, their invitations.
    """
    subjects = [person.id, *([reader.guardian.id] if reader.guardian else [])]
    rows = Entry.objects.filter(subject__in=subjects).order_by("sequence")
    return [one for one in rows.defer("personal_json", "personal_salt") if may_read_entry(one, reader)]


def may_read_entry(entry: Entry, reader: Reader) -> bool:
    """Say whether a reader may know of an entry about their person.

    That another guardian answered, and when, is theirs; so is what the office wrote down to protect a child.
    """
    if reader.is_office:
        return True
    if entry.event.startswith(("consent.excuse", "consent.guardian_excused")):
        return False
    facts = facts_of(entry)
    guardian = facts.get("guardian")
    if entry.event == "consent.decided" and facts.get("by") != "self":
        guardian = facts.get("by")
    return reader.sees_of(guardian)
