"""The retention job over every kind of data that has a time (consent/retention.toml).

Each batch is a transaction of its own that also writes its count into the log; what it deleted is not found
again. So a run that was killed leaves nothing half done, and the next one goes on where it stopped.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from willing.accounts.retention import (
    anonymise_guardians,
    anonymise_persons,
    anonymise_staff,
    purge_expired_sign_ins,
    purge_invitations,
)
from willing.allergens.retention import purge_allergen_events, purge_allergens
from willing.attendance.family_notes import purge_notes
from willing.attendance.retention import keep_roll_names, purge_marks, purge_messages
from willing.attendance.returns import purge_returns
from willing.audit.actions import erase_personal_before, record, record_clock_behind
from willing.audit.clock_state import believed, require_clock
from willing.audit.journal import write_pending
from willing.audit.models import Entry
from willing.audit.queries import latest_entries
from willing.biometrics.retention import RetentionResult, count_gate_sessions, purge_faces, purge_sessions
from willing.boarding.retention import purge_evening_lists
from willing.complaints.actions import purge_complaints
from willing.consent.profiles import require_profile
from willing.consent.retention import require_kind
from willing.consent_forms.actions import purge_forms
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.credentials.print_runs import purge_print_runs
from willing.credentials.retention import purge_cards, purge_failed_attempts
from willing.dpia.lock_log import record_lock
from willing.gate.retention import log_uses, purge_passages
from willing.leave.retention import purge_absences, purge_leave_words
from willing.mail.codes import purge_codes
from willing.mail.outbox import purge_mails
from willing.payments.retention import purge_payees, purge_payers, purge_strangers
from willing.people.models import School
from willing.people.queries import require_school
from willing.rollcall.retention import purge_devices, purge_last_seen, purge_lists, purge_medical_words
from willing.roster.retention import purge_imports
from willing.terminals.request_keys import purge_request_keys
from willing.till.retention import purge_baskets
from willing.visits.retention import purge_staff_days, purge_visits
from willing.wallets.leavers import settle_leavers
from willing.wallets.moves import forget_words

BATCH = 500
OVERDUE_HOURS = 36
BATCH_EVENT, DONE_EVENT, FAILED_EVENT = "retention.batch_deleted", "retention.completed", "retention.failed"
log = logging.getLogger("willing.retention")


@dataclass(frozen=True)
class Purge:
    """What deletes one kind of data: everything older than a moment, some at a time; returns how many."""

    kind: str
    end: Callable[[datetime, int], int]


def _forget_persons(left_before: datetime, limit: int) -> int:
    keep_roll_names(left_before)
    done = anonymise_persons(left_before, limit)
    forget_words()  # what the office wrote about their money
    return done


# Before the faces: what a file let leave is kept for a day, and a day only.
IMPORTS = Purge("imports", purge_imports)
# Templates have a job of their own, which also looks at permissions and keys.
FACES = "templates"
PURGES = (
    Purge("face_sessions", purge_sessions),
    Purge("baskets", purge_baskets),
    Purge("passages", purge_passages),
    Purge("request_keys", purge_request_keys),
    Purge("cards", purge_cards),
    Purge("print_runs", purge_print_runs),
    Purge("failed_attempts", purge_failed_attempts),
    Purge("paper_forms", purge_forms),
    Purge("bank_payers", purge_payers),
    Purge("bank_strangers", purge_strangers),
    Purge("bank_payees", purge_payees),
    Purge("complaints", purge_complaints),
    Purge("register_notes", purge_notes),
    Purge("absence_messages", purge_messages),
    Purge("person_allergens", purge_allergens),
    Purge("guardians", anonymise_guardians),
    Purge("persons", _forget_persons),
    Purge("allergen_events", purge_allergen_events),
    Purge("register_marks", purge_marks),
    Purge("roll_returns", purge_returns),
    Purge("last_seen", purge_last_seen),
    Purge("roll_call_lists", purge_lists),
    Purge("medical_words", purge_medical_words),
    Purge("warden_phones", purge_devices),
    Purge("leave_words", purge_leave_words),
    Purge("planned_absences", purge_absences),
    Purge("evening_lists", purge_evening_lists),
    Purge("visits", purge_visits),
    Purge("staff_days", purge_staff_days),
    Purge("staff", anonymise_staff),
    Purge("invitations", purge_invitations),
    Purge("mailed_codes", purge_codes),
    Purge("mail", purge_mails),
    Purge("log_words", erase_personal_before),
    Purge("sessions", purge_expired_sign_ins),
)


@dataclass(frozen=True)
class RetentionDone:
    """What a run did: of faces, of each kind by its key, and the sales that a crash had left held."""

    faces: RetentionResult
    ended: dict[str, int]
    # What could not be done, by its key: the kind of error for the log, and its text for the operator.
    failed: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()

    def as_facts(self) -> dict[str, object]:
        """Return it as flat facts, for the log and for who ran it."""
        facts = {**asdict(self.faces), "ended": self.ended}
        return {**facts, "failed": self.failed} if self.failed else facts


def purge_everything(school: School) -> RetentionDone:
    """Delete everything past its retention period or without a legal basis. Nightly; twice changes nothing.

    Each part by itself: one that fails stops no other, and what failed is in the result, in the log and on
    Health. Raises Refused clock_behind, once the log says so.
    """
    parts = _Parts()
    record_clock_behind()
    require_clock()
    imports = parts.run(IMPORTS.kind, partial(_purge, IMPORTS, school)) or 0
    parts.run("gate_uses", partial(log_uses, school))
    parts.run("gate_cameras", partial(count_gate_sessions, school))
    faces = parts.run(FACES, purge_faces) or RetentionResult(0, 0, 0, 0, 0)
    ended = {one.kind: parts.run(one.kind, partial(_purge, one, school)) or 0 for one in PURGES}
    ended[IMPORTS.kind] = imports
    parts.run("leavers", partial(settle_leavers, school))
    done = RetentionDone(faces, ended, parts.failed, tuple(parts.said))
    _finish(school, done)
    return done


R = TypeVar("R")


class _Parts:
    """The parts of a night: each is run whatever the others did."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}
        self.said: list[str] = []

    def run(self, kind: str, part: Callable[[], R]) -> R | None:
        """Return what a part returns; None where it failed, which is noted."""
        try:
            return part()
        except Exception as error:
            log.exception("the nightly job could not finish its part %s", kind)
            self.failed[kind] = type(error).__name__  # for the log
            self.said.append(f"{kind}: {error}")  # for the operator
            return None


@atomic
def _finish(school: School, done: RetentionDone) -> None:
    record_lock(school)
    event = FAILED_EVENT if done.failed else DONE_EVENT
    record(event, subject=school.id, facts=done.as_facts(), personal={})


def _failed_parts(failed: Entry | None, done: Entry | None) -> list[str]:
    """Return the parts of the last night that failed; none once a night has done all of them."""
    if failed is None or (done is not None and done.sequence > failed.sequence):
        return []
    return sorted(json.loads(bytes(failed.hashed))["facts"]["failed"])


def _purge(sweeper: Purge, school: School) -> int:
    require_clock()
    limits = require_kind(sweeper.kind).limits(require_profile(school.legal_profile))
    before = now() - timedelta(days=min(limits.values()))
    total = 0
    while ended := _purge_batch(sweeper, before):
        total += ended
    return total


@atomic
def _purge_batch(sweeper: Purge, before: datetime) -> int:
    ended = sweeper.end(before, BATCH)
    if ended:
        record(BATCH_EVENT, subject=None, facts={"kind": sweeper.kind, "count": ended}, personal={})
    return ended


@dataclass(frozen=True)
class RetentionState:
    """When the last sweep was finished (None: never), whether the next is overdue, what failed last night."""

    last_at: datetime | None
    is_overdue: bool
    failed: list[str]


def retention_state(school: School) -> RetentionState:
    """Return the state of the retention job; a school that was set up today is not overdue yet."""
    found = latest_entries((FAILED_EVENT, DONE_EVENT, "school.created"), school.id)
    done = found.get(DONE_EVENT)
    begun = done or found.get("school.created")
    overdue = begun is not None and now() - believed(begun.at) > timedelta(hours=OVERDUE_HOURS)
    failed = _failed_parts(found.get(FAILED_EVENT), done)
    return RetentionState(done.at if done else None, overdue, failed)


def run_retention() -> RetentionDone:
    """Delete everything past its retention period or without a legal basis: nightly, and after a restore."""
    write_pending()
    return purge_everything(require_school())
