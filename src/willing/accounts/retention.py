"""What the retention job deletes in this room: names past their retention period. The rows stay, nameless."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import F, Q, QuerySet

from willing.accounts.forgetting import forget_sign_in
from willing.accounts.models import Invitation, User
from willing.accounts.rules import INVITATION_DAYS, PASSKEY_SESSION
from willing.audit.actions import NewEntry, erase_personal, record_many
from willing.audit.clock_state import recorded_before
from willing.core.clock import STEP, now
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian, GuardianLink, Person


@atomic
def anonymise_persons(left_before: datetime, limit: int) -> int:
    """Erase the names of people who left before then, up to `limit` of them. Return how many.

    Accounts, sales and decisions keep pointing to the row, which names nobody any more.
    """
    rows = lock(Person.objects).filter(recorded_before("left_at", left_before)).exclude(given_name="")
    ids = [row.pk for row in rows.order_by("left_at", "id").only("pk")[:limit]]
    Person.objects.filter(pk__in=ids).update(
        given_name="", family_name="", birth_date=None, external_id="", year_group=None
    )
    GuardianLink.objects.filter(person_id__in=ids).update(relationship="")
    _disable_sign_ins(User.objects.filter(person_id__in=ids))
    record_many([NewEntry("person.anonymised", person_id, {}, {}) for person_id in ids])
    for person_id in ids:
        erase_personal(person_id)
    return len(ids)


@atomic
def anonymise_guardians(removed_before: datetime, limit: int) -> int:
    """Erase the names of guardians who may decide for nobody here since then. Return how many."""
    still = GuardianLink.objects.filter(
        Q(ended_at=None) | ~recorded_before("ended_at", removed_before),
        Q(person__left_at=None) | ~recorded_before("person__left_at", removed_before),
    )
    rows = Guardian.objects.filter(links__isnull=False).exclude(pk__in=still.values("guardian_id"))
    # A record that goes on as another one is forgotten with that one: the register may go on naming both.
    rows = rows.exclude(merged_into__name__gt="")
    ids = sorted(set(rows.exclude(name="").order_by("id").values_list("id", flat=True)[:limit]))
    Guardian.objects.filter(pk__in=ids).update(
        name="", email="", phone="", external_id="", link_version=F("link_version") + 1
    )
    _disable_sign_ins(User.objects.filter(guardian_id__in=ids))
    record_many([NewEntry("guardian.anonymised", guardian_id, {}, {}) for guardian_id in ids])
    for guardian_id in ids:
        erase_personal(guardian_id)
    return len(ids)


def _disable_sign_ins(users: QuerySet[User]) -> None:
    """End the sign-ins of a family that is forgotten; the rows stay for what they once wrote."""
    for user in lock(users):
        forget_sign_in(user)


@atomic
def anonymise_staff(deleted_before: datetime, limit: int) -> int:
    """Erase the names of colleagues whose sign-in was deleted before then. Return how many."""
    rows = lock(User.objects).filter(recorded_before("deleted_at", deleted_before)).exclude(display_name="")
    ids = [row.pk for row in rows.order_by("deleted_at", "pk").only("pk")[:limit]]
    User.objects.filter(pk__in=ids).update(display_name="")
    record_many([NewEntry("user.anonymised", None, {"user": user_id}, {}) for user_id in ids])
    return len(ids)


@atomic
def purge_invitations(expired_before: datetime, limit: int) -> int:
    """Delete invitations that had expired before then. Return how many.

    One that lies further ahead than it can was made while the clock ran ahead, and opens nothing.
    """
    longest = now() + timedelta(days=INVITATION_DAYS) + STEP
    gone = Invitation.objects.filter(Q(expires_at__lt=expired_before) | Q(expires_at__gt=longest))
    ids = list(gone.values_list("id", flat=True)[:limit])
    Invitation.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def purge_expired_sign_ins(expired_before: datetime, limit: int) -> int:
    """Delete sign-ins of browsers that had expired before then. Return how many."""
    longest = now() + PASSKEY_SESSION.total + STEP  # later ones were begun while the clock ran ahead
    rows = Session.objects.filter(Q(expire_date__lt=expired_before) | Q(expire_date__gt=longest))
    keys = list(rows.values_list("session_key", flat=True)[:limit])
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)


def revoke_all_sessions() -> None:
    """Sign everyone out: after a restore nobody can say who had been signed out since the copy."""
    Session.objects.all().delete()
