"""Reads about consent."""

from uuid import UUID

from willing.consent.models import Decision, Notice, Notification
from willing.consent.profiles import require_profile
from willing.consent.rules import Permission, Said, Situation, decide_permission
from willing.people.models import Person
from willing.people.queries import listed_guardians


def situation_of(person: Person, purpose: str) -> Situation:
    """Return everything recorded that a person's permission for `purpose` follows from."""
    guardians = frozenset(guardian.id for guardian in listed_guardians(person.id))
    notified = Notification.objects.filter(person=person, purpose=purpose).values_list(
        "guardian_id", flat=True
    )
    said = tuple(
        Said(row.id, row.guardian_id, row.answer, row.at)
        for row in Decision.objects.filter(person=person, purpose=purpose).order_by("id")
    )
    return Situation(
        adult=person.kind == Person.Kind.STAFF,
        present=person.left_at is None,
        guardians=guardians,
        notified=frozenset(notified),
        said=said,
    )


def permission(person: Person, purpose: str) -> Permission:
    """Return whether a person's face may be used for `purpose`, at this moment."""
    fresh = Person.objects.select_related("school").get(pk=person.pk)
    return decide_permission(require_profile(fresh.school.legal_profile), situation_of(fresh, purpose))


def latest_decision(person: Person, purpose: str, guardian_id: UUID | None) -> Decision | None:
    """Return the last word of one guardian (or, with None, of the person) about `purpose`."""
    found = Decision.objects.filter(person=person, purpose=purpose)
    found = found.filter(guardian_id=guardian_id) if guardian_id else found.filter(guardian=None)
    return found.order_by("at", "id").last()


def require_notice(purpose: str, reader: str, language: str) -> Notice:
    """Return the newest published notice in `language`, in English where there is none.

    Raises Notice.DoesNotExist before the notices were published.
    """
    found = Notice.objects.filter(purpose=purpose, reader=reader).order_by("-version")
    return found.filter(language=language).first() or found.filter(language="en")[:1].get()
