"""Who reads what is held about a person, and what of it they may read."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from willing.accounts.models import User
from willing.audit.models import Entry
from willing.audit.queries import facts_of
from willing.people.models import Guardian, Person
from willing.privacy.values import iso
from willing.terminals.models import Terminal

VIEWS = ("record.viewed", "person.staff_identified", "record.downloaded", "consent_form.viewed")


@dataclass(frozen=True)
class RecordReader:
    """Who reads: a guardian, the person themselves, or (neither) the office."""

    guardian: Guardian | None = None
    is_person: bool = False

    @property
    def is_office(self) -> bool:
        """Whether the office reads, for a person who asked there."""
        return self.guardian is None and not self.is_person

    def sees_of(self, guardian_id: object) -> bool:
        """Return whether what one guardian (None: none) said, wrote or did may be read in full."""
        if self.guardian is None:
            return True
        return guardian_id is None or str(guardian_id) == str(self.guardian.id)


OFFICE = RecordReader()


def views_of(person: Person, reader: RecordReader, *, newest: int | None = None) -> list[dict[str, Any]]:
    """Return who viewed or downloaded a person's record, newest first: all, or the `newest` few."""
    rows = Entry.objects.filter(subject=person.id, event__in=VIEWS).order_by("-sequence")[:newest]
    views = [(entry, facts_of(entry)) for entry in rows]
    users = User.objects.filter(pk__in={facts["by"] for _entry, facts in views if facts.get("by")})
    names: dict[int | None, str] = {
        user.pk: user.get_full_name() for user in users.select_related("guardian", "person")
    }
    tills = Terminal.objects.in_bulk({facts["terminal"] for _entry, facts in views if facts.get("terminal")})
    guardians = {str(one.id): one.name for one in Guardian.objects.filter(links__person=person)}
    found = []
    for entry, facts in views:
        who = names.get(facts.get("by"), "")
        if facts.get("by") is None and facts.get("terminal"):  # a till of another maker, for whoever is at it
            till = tills.get(UUID(facts["terminal"]))
            who = till.name if till else ""
        if facts.get("guardian"):
            is_shown = not reader.is_person and reader.sees_of(facts["guardian"])
            who = guardians.get(facts["guardian"], "") if is_shown else "a guardian"
        found.append({"who": who, "event": entry.event, "at": iso(entry.at)})
    return found


def entries(person: Person, reader: RecordReader, newest: int | None = None) -> list[Entry]:
    """Return the log's entries about a person, oldest first, without what another guardian said or did.

    All, or those among the `newest` few.
    A guardian reads the entries about themselves too: their sign-ins, their invitations.
    """
    subjects = [person.id, *([reader.guardian.id] if reader.guardian else [])]
    rows = Entry.objects.filter(subject__in=subjects).defer("personal_json", "personal_salt")
    return [one for one in reversed(rows.order_by("-sequence")[:newest]) if may_read_entry(one, reader)]


def may_read_entry(entry: Entry, reader: RecordReader) -> bool:
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
