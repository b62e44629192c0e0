"""What the retention job deletes in this room besides templates (`purge_faces`): old uses of the camera."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F

from willing.audit.actions import record
from willing.audit.clock_state import believed, recorded_before, require_clock
from willing.biometrics.erasure import erase, erase_all, finish_erasures, may_keep
from willing.biometrics.face_sessions import close_overdue_sessions
from willing.biometrics.gate_sessions import COUNTED_AT_NIGHT
from willing.biometrics.models import FaceSession, GalleryState, Template
from willing.biometrics.queries import uses_of_face
from willing.biometrics.rules import WAITING_DAYS_MAX, RetentionLimits, is_overdue
from willing.biometrics.suspension import NOT_RESUMED
from willing.consent.models import Decision
from willing.consent.profiles import require_profile
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.keys.actions import (
    destroy_older_gallery_secrets,
    destroy_person_keys,
    gallery_secret_exists,
    key_ids,
    newest_gallery_secret,
)
from willing.keys.uses import keys_in_use
from willing.people.models import School
from willing.people.queries import day_bounds, local_day, today


@atomic
def purge_sessions(closed_before: datetime, limit: int) -> int:
    """Delete sessions that were closed before then. Return how many.

    Never before a template's time without use is over: the last use is what that time counts from.
    """
    ids = list(
        FaceSession.objects.filter(recorded_before("closed_at", closed_before)).values_list("id", flat=True)[
            :limit
        ]
    )
    FaceSession.objects.filter(pk__in=ids).delete()
    return len(ids)


@atomic
def count_gate_sessions(school: School) -> None:
    """Write into the log how often cameras at gates ran on days that are over, and what came of it.

    Twice is once: a session that was counted expires later than it was closed (`gate_sessions.blur`).
    """
    begin, _end = day_bounds(school, today(school))
    rows = lock(FaceSession.objects).filter(school=school, purpose__in=COUNTED_AT_NIGHT, closed_at__lt=begin)
    ended: dict[date, Counter[str]] = defaultdict(Counter)
    ids = []
    for session in rows.filter(expires_at=F("closed_at")):
        ended[local_day(school, session.opened_at)][session.state] += 1
        ids.append(session.id)
    FaceSession.objects.filter(pk__in=ids).update(expires_at=F("closed_at") + timedelta(seconds=1))
    for day, outcomes in sorted(ended.items()):
        facts = {"day": day.isoformat(), "outcomes": dict(outcomes)}
        record("face.gate_sessions_counted", subject=None, facts=facts, personal={})


@dataclass(frozen=True)
class RetentionResult:
    """What a run of the retention job found and deleted."""

    unpermitted: int
    overdue: int
    unreadable: int
    orphan_keys: int
    sessions: int


def purge_faces() -> RetentionResult:
    """Delete all faces without a legal basis or past their retention period: nightly, and after a restore.

    Idempotent and resumable: each person is done in a transaction of their own.
    Raises Refused clock_behind; KeysUnavailable; KeysLost, before anything is deleted, where so many
    templates have lost their keys at once that it is rather the keys that were lost: a person decides then
    (`delete_unreadable`).
    """
    require_clock()  # nothing is deleted by a clock that is known to be wrong
    finish_erasures()
    unreadable = count_unreadable()
    if unreadable > LOST_AT_ONCE_MAX:
        raise KeysLost(unreadable)
    return _purge_faces()


# Erasing deletes a template before its key, so no crash leaves a template whose key is gone; only an old copy
# of one database does, or a lost one. A few are an erasure or two since the copy; dozens are lost keys.
LOST_AT_ONCE_MAX = 3


class KeysLost(Exception):
    """More templates than a crash explains have lost their keys; nothing was deleted."""

    def __init__(self, templates: int) -> None:
        super().__init__(
            f"{templates} templates have lost their keys at once, so no template was deleted. If the keys' "
            "database was lost or is an old copy, put the right one back. If the main database is a copy "
            f"from before erasures, run: willing biometrics delete-unreadable --count {templates}"
        )
        self.templates = templates


def count_unreadable() -> int:
    """Return how many templates nothing can open any more: their own key or their gallery's secret is gone.

    Raises KeysUnavailable.
    """
    live_keys = key_ids()
    lost = {
        (state.school_id, state.purpose)
        for state in GalleryState.objects.all()
        if not gallery_secret_exists(state.secret_id)
    }
    rows = Template.objects.values_list("key_id", "holder", "person__school_id", "purpose")
    return sum(
        key_id not in live_keys or (holder == Template.Holder.CENTRAL and (school, purpose) in lost)
        for key_id, holder, school, purpose in rows
    )


def delete_unreadable(*, expected: int) -> int:
    """Delete the templates that nothing can open any more, after a person has decided so. Return how many.

    expected: the number shown to that person; another one is refused (ValueError). Raises KeysUnavailable.
    """
    found = count_unreadable()
    if found != expected:
        raise ValueError(f"there are {found} unreadable templates, not {expected}; nothing was deleted")
    _confirm_deletion(found)
    return _purge_faces().unreadable


@atomic
def _confirm_deletion(templates: int) -> None:
    facts = {"templates": templates}
    record("face.unreadable_deletion_confirmed", subject=None, facts=facts, personal={})


def _purge_faces() -> RetentionResult:
    counts = {"unpermitted": 0, "overdue": 0, "unreadable": 0}
    counts["unreadable"] += _erase_lost_galleries()
    _destroy_unused_secrets()
    live_keys = key_ids()
    for template in Template.objects.select_related("person__school").defer("sealed").iterator():
        cause = _cause_to_erase(template, live_keys)
        if cause:
            counts[cause] += 1
            atomic(erase)(template.person, [template.purpose], cause=f"sweep.{cause}")
    used = set(Template.objects.values_list("key_id", flat=True))
    signed_forms = Decision.objects.exclude(form_id=None).values_list("form_id", flat=True)
    used |= {form_id for form_id in signed_forms if form_id} | keys_in_use()
    # A key is created a moment before what it seals, so only older keys are orphans.
    settled = now() - timedelta(minutes=10)
    orphans = [key_id for key_id in key_ids(created_before=settled) if key_id not in used]
    destroyed = destroy_person_keys(orphans) if orphans else 0
    done = RetentionResult(**counts, orphan_keys=destroyed, sessions=close_overdue_sessions())
    facts = {**counts, "orphan_keys": destroyed, "sessions": done.sessions}
    atomic(record)("face.retention_completed", subject=None, facts=facts, personal={})
    return done


def _destroy_unused_secrets() -> None:
    """Destroy the secrets that a reissue left which was killed between its last gallery and its end."""
    used: dict[UUID, set[UUID]] = {}
    for state in GalleryState.objects.all():
        used.setdefault(state.school_id, set()).add(state.secret_id)
    for school_id, secrets in used.items():
        destroy_older_gallery_secrets(school_id, secrets)


def _erase_lost_galleries() -> int:
    """Erase the templates of galleries whose secret was replaced after this database was saved (a backup)."""
    ended = 0
    for state in GalleryState.objects.select_related("school"):
        if not gallery_secret_exists(state.secret_id):
            ended += _erase_lost_gallery(state)
    return ended


@atomic
def _erase_lost_gallery(state: GalleryState) -> int:
    held = Template.Holder.CENTRAL
    rows = Template.objects.filter(person__school=state.school, purpose=state.purpose, holder=held)
    ended = erase_all(rows, "sweep.unreadable")
    newest = newest_gallery_secret(state.school_id)
    GalleryState.objects.filter(pk=state.pk).update(secret_id=newest, generation=F("generation") + 1)
    return ended


def _cause_to_erase(template: Template, live_keys: dict[UUID, UUID]) -> str | None:
    if template.key_id not in live_keys:
        return "unreadable"
    if not may_keep(template):
        return "unpermitted"
    suspended = template.suspended_at if template.suspended_for in NOT_RESUMED else None
    if suspended and now() - believed(suspended) > timedelta(days=WAITING_DAYS_MAX):
        return "overdue"
    profile = require_profile(template.person.school.legal_profile)
    keeping = RetentionLimits(profile.keep_days_max, profile.unused_days_max)
    unused_from = now() - timedelta(days=keeping.unused_days_max)
    uses = uses_of_face(template.person).filter(purpose=template.purpose)
    is_used = uses.exclude(recorded_before("opened_at", unused_from)).exists()
    age = now() - believed(template.enrolled_at)
    return "overdue" if is_overdue(age, keeping, is_used=is_used) else None
