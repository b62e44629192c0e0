"""The nightly sweep over every kind of data that has a time (consent/retention.toml).

Each batch is a transaction of its own that also writes its count into the log; what it ended is not found
again. So a sweep that was killed leaves nothing half done, and the next one goes on where it stopped.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q

from willing.assessment.actions import note_lock
from willing.audit.actions import erase_personal_before, note_clock, record
from willing.audit.clock_state import believed, require_clock
from willing.audit.queries import latest_entry
from willing.biometrics import actions as biometrics
from willing.biometrics.ending import end_sessions
from willing.consent.profiles import require_profile
from willing.consent.retention import require_kind
from willing.core.clock import STEP, now
from willing.core.transactions import atomic
from willing.papers.actions import end_papers
from willing.people.ending import end_invitations, forget_guardians, forget_persons
from willing.people.models import School
from willing.people.rules import PASSKEY_SESSION
from willing.rights.complaints import end_complaints
from willing.till.actions import settle_held_sales
from willing.till.ending import end_baskets, end_cards, end_failed_tries
from willing.till.request_keys import purge_request_keys

BATCH = 500
OVERDUE_HOURS = 36
BATCH_EVENT, DONE_EVENT = "data.ended", "data.swept"


def end_signed_in(expired_before: datetime, limit: int) -> int:
    """Delete sign-ins of browsers that had expired before then. Return how many."""
    longest = now() + PASSKEY_SESSION.total + STEP  # later ones were begun while the clock ran ahead
    rows = Session.objects.filter(Q(expire_date__lt=expired_before) | Q(expire_date__gt=longest))
    keys = list(rows.values_list("session_key", flat=True)[:limit])
    Session.objects.filter(pk__in=keys).delete()
    return len(keys)


@dataclass(frozen=True)
class Sweeper:
    """What ends one kind of data: everything older than a moment, some at a time; it says how many."""

    kind: str
    end: Callable[[datetime, int], int]


# Templates have a sweep of their own, which also looks at permissions and keys.
FACES = "templates"
SWEEPERS = (
    Sweeper("face_sessions", end_sessions),
    Sweeper("baskets", end_baskets),
    Sweeper("request_keys", purge_request_keys),
    Sweeper("cards", end_cards),
    Sweeper("failed_tries", end_failed_tries),
    Sweeper("paper_forms", end_papers),
    Sweeper("complaints", end_complaints),
    Sweeper("guardians", forget_guardians),
    Sweeper("persons", forget_persons),
    Sweeper("invitations", end_invitations),
    Sweeper("log_words", erase_personal_before),
    Sweeper("sessions", end_signed_in),
)


@dataclass(frozen=True)
class Swept:
    """What a sweep did: of faces, of each kind by its key, and the sales that a crash had left held."""

    faces: biometrics.Sweep
    ended: dict[str, int]
    settled_sales: int

    def as_facts(self) -> dict[str, object]:
        """Return it as flat facts, for the log and for who ran it."""
        return {**asdict(self.faces), "settled_sales": self.settled_sales, "ended": self.ended}


def sweep_everything(school: School) -> Swept:
    """End everything whose time is over or whose ground is gone. Run every night; twice changes nothing.

    Raises Refused clock_behind, once the money is settled and the log says so.
    """
    settled = settle_held_sales()
    note_clock()
    faces = biometrics.sweep()
    done = Swept(faces, {one.kind: _sweep(one, school) for one in SWEEPERS}, settled)
    _finish(school, done)
    return done


@atomic
def _finish(school: School, done: Swept) -> None:
    note_lock(school)
    record(DONE_EVENT, subject=school.id, facts=done.as_facts(), personal={})


def _sweep(sweeper: Sweeper, school: School) -> int:
    require_clock()
    limits = require_kind(sweeper.kind).limits(require_profile(school.legal_profile))
    before = now() - timedelta(days=min(limits.values()))
    total = 0
    while ended := _end_batch(sweeper, before):
        total += ended
    return total


@atomic
def _end_batch(sweeper: Sweeper, before: datetime) -> int:
    ended = sweeper.end(before, BATCH)
    if ended:
        record(BATCH_EVENT, subject=None, facts={"kind": sweeper.kind, "count": ended}, personal={})
    return ended


@dataclass(frozen=True)
class SweepState:
    """When the last sweep was finished (None: never), and whether the next one is overdue."""

    last_at: datetime | None
    is_overdue: bool


def sweep_state(school: School) -> SweepState:
    """Return how the nightly sweep stands; a school that was set up today is not overdue yet."""
    done = latest_entry(DONE_EVENT, school.id)
    begun = done or latest_entry("school.created", school.id)
    overdue = begun is not None and now() - believed(begun.at) > timedelta(hours=OVERDUE_HOURS)
    return SweepState(done.at if done else None, overdue)
