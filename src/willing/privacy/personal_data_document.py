"""What `personal_data.personal_data_of` returned, as a document that people read: headings, tables, words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from willing.accounts.models import Role
from willing.biometrics.models import FaceSession, Template
from willing.complaints.models import Complaint
from willing.consent.models import Answer, Channel, Excuse, Purpose
from willing.core.money import format_minor
from willing.documents.parts import Document, Section, Table
from willing.gate.models import PassageWay
from willing.payments.models import PayOut
from willing.people.models import Person
from willing.privacy.labels import EVENT_LABELS
from willing.privacy.personal_data import GROWING
from willing.roster.models import ListedChange
from willing.terminals.models import Way

# What a page shows of each part that grows with every purchase; a thousand lines of each take seconds.
NEWEST_SHOWN = 100
PARTS: Mapping[str, Promise] = {
    "person": _("The person"),
    "guardians": _("Guardians"),
    "list_changes": _("Changed by the last list of the school"),
    "sign_ins": _("Sign-ins"),
    "invitations": _("Invitations to sign in"),
    "permissions": _("What a face may be used for"),
    "told": _("Who was notified"),
    "excuses": _("Who is excused from notification, and why"),
    "decisions": _("Decisions"),
    "signed_forms": _("Signed consent forms"),
    "faces": _("Stored faces"),
    "recognition": _("How well the face was recognised"),
    "uses_of_face": _("Each use of the face"),
    "cards": _("Cards"),
    "pin": _("PIN"),
    "limits": _("Spending limits"),
    "entitlements": _("Meals paid for by the school"),
    "allergens": _("What they must not eat"),
    "allergen_events": _("Dishes held back, checks, near misses and reactions"),
    "registers": _("Marks in registers"),
    "register_groups": _("Groups whose registers they are in or take"),
    "absence_messages": _("Messages about absence"),
    "register_notes": _("Notes and requests about marks"),
    "roll_returns": _("Named to the authority as new or as having left"),
    "planned_absences": _("Leave, illness and trips"),
    "boarding": _("Where they board"),
    "evening_marks": _("Marks in evening lists of the boarding house"),
    "in_today": _("Staff: signed in or out for today, for a roll call"),
    "roll_calls": _("Roll calls, and where they were last seen"),
    "medical_words": _("What helpers must know outside"),
    "gate_days": _("Days on which a gate was used"),
    "gate_messages": _("Messages about coming in and going out: who wants them"),
    "paid_in": _("Paid in"),
    "paid_by_bank": _("Paid in by the bank"),
    "paid_out": _("Paid out"),
    "movements": _("Every movement of the balance"),
    "low_balances": _("Low balance: who wants an e-mail"),
    "charges": _("Bought"),
    "baskets": _("Unpaid baskets"),
    "complaints": _("Complaints and requests"),
    "who_looked": _("Who viewed this"),
    "log": _("Entries of the log"),
}
HEADINGS: Mapping[str, Promise] = {
    "account": _("Account"),
    "added_at": _("Added"),
    "allergen": _("Allergen"),
    "allergens": _("Allergens"),
    "ground": _("Basis"),
    "recorded_at": _("Recorded"),
    "started_at": _("Roll call started"),
    "is_expected": _("Expected in the roll call"),
    "ticks": _("Ticks of wardens"),
    "last_seen": _("Where they were last seen, and who looked for it why"),
    "opened_at": _("Looked up"),
    "where": _("Class, door or till"),
    "confirmed_at": _("Confirmed"),
    "reminded_at": _("Asked by e-mail"),
    "dish": _("Dish"),
    "day": _("Day"),
    "register": _("Register of the day"),
    "group": _("Class or group"),
    "code": _("Code"),
    "minutes_late": _("Minutes late"),
    "device_at": _("By the device's clock"),
    "is_disputed": _("Another member of staff marked otherwise"),
    "tries": _("Contacts tried"),
    "cleared_as": _("Found"),
    "reached_at": _("Reached by the school"),
    "is_here": _("Says that the pupil is here"),
    "takes_it": _("Takes its register"),
    "till": _("Till"),
    "happened_at": _("When"),
    "amount_minor": _("Amount"),
    "answer": _("Answer"),
    "answered_at": _("Answered"),
    "at": _("When"),
    "balance_minor": _("Balance"),
    "below_minor": _("Below"),
    "birth_date": _("Date of birth"),
    "booked_on": _("Booked"),
    "by": _("Who"),
    "channel": _("How"),
    "charged_twice": _("May have been charged twice"),
    "voided_at_the_till": _("Voided at the till"),
    "confirmed_by_face_after": _("Confirmed by a face after"),
    "daily_minor": _("A day, all ways to pay"),
    "deed": _("What"),
    "day_minor": _("A day"),
    "earlier": _("Before"),
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "emails": _("E-mail addresses"),
    "ended_at": _("Stopped"),
    "reported_lost_at": _("Reported lost"),
    "pin_asked_for_at": _("New PIN asked for"),
    "printed_here": _("Printed here"),
    "door_number": _("Known to readers at doors"),
    "family_minor": _("Paid by the family"),
    "first_day": _("First day"),
    "last_day": _("Last day"),
    "check_on": _("Checked again by"),
    "source": _("Source"),
    "expires_at": _("Expires"),
    "enrolled_at": _("Enrolled"),
    "refreshed_at": _("Refreshed at a till"),
    "entered_by": _("Recorded by"),
    "entry": _("Entry"),
    "event": _("What"),
    "external_id": _("ID in the school's register"),
    "face_daily_minor": _("Face alone"),
    "factors": _("Second factors"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "given_back_minor": _("Refunded"),
    "granted": _("Allowed"),
    "guardian": _("Guardian"),
    "has_password": _("Has a password"),
    "has_till_pin": _("Has a PIN for the till"),
    "on_at_tills": _("Signed on at these tills"),
    "id": _("Number here"),
    "is_active": _("Works"),
    "is_set": _("Is set"),
    "issued_at": _("Issued"),
    "items": _("What"),
    "joined_at": _("Here since"),
    "kind": _("Kind"),
    "came": _("How it came"),
    "received_on": _("On which day it came"),
    "answer_by": _("Answer by"),
    "extended_at": _("Extended"),
    "extension": _("Why it takes longer"),
    "identity": _("Who is asking"),
    "language": _("Language"),
    "last_sign_in_at": _("Last sign-in"),
    "merged_records": _("Earlier records (till numbers)"),
    "left_at": _("Left"),
    "likeness_percent": _("Similarity, in percent"),
    "locked_until": _("Locked until"),
    "uses": _("Attempts"),
    "looks_like_somebody": _("Looks like someone else here"),
    "created_at": _("Created"),
    "asked_at": _("Asked for"),
    "bookings": _("Bookings"),
    "payment_reference": _("Payment reference"),
    "pay_out": _("State"),
    "why": _("Reason"),
    "taken_back": _("Taken back by the bank"),
    "may_sign_in": _("Allowed by the office"),
    "missing": _("What is missing"),
    "mode": _("How it is used"),
    "model": _("Model"),
    "month": _("Month"),
    "name": _("Name"),
    "notice_sha256": _("Fingerprint of the notice"),
    "notice_version": _("Version of the notice"),
    "outcome": _("Outcome"),
    "place": _("Where"),
    "purchase_minor": _("One purchase"),
    "purpose": _("Purpose"),
    "raised_by": _("From"),
    "reason": _("Reason"),
    "receipt_number": _("Receipt"),
    "references": _("References"),
    "refund_reason": _("Reason for the refund"),
    "refunded_at": _("Refunded"),
    "refunds": _("Refunds"),
    "relationship": _("Relationship"),
    "revoked_at": _("Expired early"),
    "roles": _("Roles"),
    "said": _("What was written"),
    "school_accounts": _("School accounts"),
    "set_at": _("Set"),
    "set_by": _("Set by"),
    "size_bytes": _("Size in bytes"),
    "suspended_at": _("Suspended since"),
    "suspended_for": _("Reason for suspension"),
    "suspended_since": _("Suspended since"),
    "suspended_until": _("Suspended until"),
    "till_number": _("Pupil number"),
    "total_minor": _("Sum"),
    "unconfirmed_since": _("Waiting for confirmation since"),
    "undone_at": _("Undone"),
    "used_at": _("Used"),
    "user_name": _("Username"),
    "way": _("Way to pay"),
    "weekly_minor": _("A week"),
    "who": _("Who"),
    "wrong_attempts": _("Failed attempts"),
    "year": _("Year"),
    "from_time": _("From (time)"),
    "until_time": _("Until (time)"),
    "state": _("State"),
    "answers": _("What guardians said"),
    "reached": _("How the guardian was reached"),
    "approvals": _("How many of the staff agreed"),
    "refusal": _("Why the school did not agree"),
    "signed_out_at": _("Signed out at the desk"),
    "back_at": _("Back at school"),
    "is_cancelled": _("Cancelled, or did not go"),
    "ways": _("By which way"),
}
OUTCOME_LABELS: Mapping[str, Promise] = {
    "record.viewed": _("Viewed the record"),
    "person.staff_identified": _("Looked up at the till"),
    "record.downloaded": _("Downloaded or read everything"),
    "consent_form.viewed": _("Viewed a signed consent form"),
}
# Codes that stand for words, by field.
CHOICES: Mapping[str, Sequence[Any]] = {
    "purpose": (Purpose,),
    "answer": (Answer,),
    "channel": (Channel,),
    "came": (Complaint.Came,),
    "way": (Way,),
    "confirmed_by_face_after": (Way,),
    "mode": (Template.Mode,),
    "suspended_for": (Template.Suspension,),
    "outcome": (FaceSession.State, Complaint.Outcome),
    "kind": (Person.Kind, Complaint.Kind),
    "raised_by": (Complaint.RaisedBy,),
    "roles": (Role.Kind,),
    "reason": (Excuse.Reason,),
    "pay_out": (PayOut.State,),
    "deed": (ListedChange.Deed,),
    "ways": (PassageWay,),
}
LABELS: Mapping[str, Promise] = {
    "the person": _("the person"),
    "a guardian": _("a guardian"),
    "the office": _("the office"),
    "what counts": _("What counts"),
    "paid": _("Paid"),
    "cancelled": _("Cancelled"),
    "open": _("Open"),
    "identified": _("Shown"),
    "webauthn": _("Passkey"),
    "totp": _("Authenticator app"),
    "recovery_codes": _("Recovery codes"),
}


def access_document(content: Mapping[str, Any], newest: int | None = None) -> Document:
    """Return everything that is held about a person as a document in the reader's language.

    newest: as `personal_data_of` was asked; the document says so where it has left anything out.
    """
    person = content["person"]
    name = f"{person['given_name']} {person['family_name']}".strip()
    write = _writer(content["currency"], ZoneInfo(content["time_zone"]))
    return Document(
        gettext("Everything held about %(name)s") % {"name": name},
        content["school"],
        (_first(content, write, newest), *(_section(part, content[part], write) for part in PARTS)),
    )


Write = Callable[[str, Any], str]


def is_shortened(content: Mapping[str, Any], newest: int | None) -> bool:
    """Say whether there may be more than the `newest` rows of anything that grows."""
    return newest is not None and any(len(content[part]) >= newest for part in GROWING)


def _first(content: Mapping[str, Any], write: Write, newest: int | None) -> Section:
    left_out = gettext(
        "Of long lists only the newest %(number)s entries are shown here; the download holds all of them."
    )
    return Section(
        gettext("In short"),
        (
            *((left_out % {"number": newest},) if is_shortened(content, newest) else ()),
            gettext("Balance: %(balance)s") % {"balance": write("total_minor", content["balance_minor"])},
            gettext(
                "This is everything the school's computer holds. The face template itself is "
                "never given out, nor anything about another person. Times are in the "
                "school's time zone."
            ),
        ),
    )


def _section(part: str, found: Any, write: Write) -> Section:
    title = str(PARTS[part])
    if not found:
        return Section(title, (gettext("None."),))
    found = [found] if isinstance(found, dict) else found
    keys = tuple(found[0])
    rows = tuple(tuple(write(key, row.get(key)) for key in keys) for row in found)
    return Section(title, table=Table(tuple(_heading(key) for key in keys), rows))


def _heading(key: str) -> str:
    return str(HEADINGS.get(key, key))


def _writer(currency: str, zone: ZoneInfo) -> Write:
    def write(key: str, value: Any) -> str:
        if value is None or value in ("", []):
            return "–"
        if isinstance(value, list):
            return "; ".join(write(key, one) for one in value)
        if isinstance(value, dict):
            return _item(value) if "quantity" in value else ", ".join(write(*one) for one in value.items())
        if isinstance(value, bool):
            value = gettext("yes") if value else gettext("no")
        elif key.endswith("_minor"):
            value = format_minor(value, currency, get_language() or "en")
        elif key == "at" or key.endswith(("_at", "_since", "_until")):
            value = datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%d %H:%M")
        return _label_of(key, str(value))

    return write


def _item(value: Mapping[str, Any]) -> str:
    return f"{value['name']} × {value['quantity']}" if value["quantity"] > 1 else str(value["name"])


def _label_of(key: str, value: str) -> str:
    for choices in CHOICES.get(key, ()):
        if value in choices.values:
            return str(choices(value).label)
    if key == "event":
        return str(OUTCOME_LABELS.get(value) or EVENT_LABELS.get(value) or value)
    return str(LABELS.get(value) or value)
