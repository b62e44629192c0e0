"""Whether everything runs as it should: what `willing doctor` prints and the staff page Health lists.

A check only reads, is quick, and says in the reader's language what is wrong and what to do about it. A fault
that it knows is an answer, never an exception.
"""

from collections.abc import Callable, Iterable, Iterator

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.audit.log_check import check_state
from willing.ops.clock import clock_check
from willing.ops.condition import Condition
from willing.ops.health_breaches import breaches_settled
from willing.ops.health_computer import copies_taken, disk_has_room
from willing.ops.health_doors import doors_work
from willing.ops.health_fuses import fuses_whole
from willing.ops.health_keys import erasures_done, keys_there, templates_readable, threads_alive
from willing.ops.health_mail import mail_goes_out
from willing.ops.health_pictures import pictures_detected
from willing.ops.health_printers import printers_print, sheets_print
from willing.ops.health_restore import after_a_restore, journal_of_refusals
from willing.ops.health_sign_ins import copied_passkeys
from willing.ops.health_witnesses import witnesses_sign
from willing.ops.integrity import last_check
from willing.ops.standby import standby_follows
from willing.ops.upgrade_log import versions_run
from willing.people.models import School
from willing.privacy.retention_job import retention_state

__all__ = ["CHECKS", "Check", "Condition", "conditions", "has_fault"]

Check = Callable[[School], Iterable[Condition]]


def conditions(school: School) -> list[Condition]:
    """Return every condition of this installation, in the order of CHECKS."""
    return [condition for check in CHECKS for condition in _run(check, school)]


def has_fault(school: School) -> bool:
    """Say whether anything is not as it should be."""
    return any(not condition.is_ok for condition in conditions(school))


def _run(check: Check, school: School) -> list[Condition]:
    try:
        return list(check(school))
    except DatabaseError as error:
        # What cannot be checked is not in order, and must not hide what else was found.
        code = check.__name__.removeprefix("_")
        detail = _("This could not be checked: the database answered %(fault)s.")
        return [Condition(code, False, code.replace("_", " "), detail % {"fault": type(error).__name__})]


def _retention_job(school: School) -> Iterator[Condition]:
    state = retention_state(school)
    if state.failed:
        detail = _("Failed last night: %(parts)s. The operator runs “willing retention run” to see why.")
        label = gettext_lazy("Nightly retention job")
        yield Condition("nightly_parts", False, label, detail % {"parts": ", ".join(state.failed)})
    last = (
        _("Last finished on %(at)s UTC.") % {"at": f"{state.last_at:%Y-%m-%d %H:%M}"} if state.last_at else ""
    )
    if not state.is_overdue:
        detail = last or _("It runs for the first time tonight.")
        yield Condition("retention_job", True, gettext_lazy("Nightly retention job"), detail)
        return
    detail = last or _("Never finished.")
    late = _(
        "Data past its retention period has not been deleted. The operator runs "
        "“willing retention run” and finds out why the nightly job did not run."
    )
    yield Condition(
        "retention_job", False, gettext_lazy("The nightly retention job is overdue."), f"{late} {detail}"
    )


def _log_check(_school: School) -> Iterator[Condition]:
    """Say what the last check of the whole log found; whether one is due is nobody's to say here."""
    result = check_state().result
    if result is not None and not result["ok"]:
        detail = _("Faults that the last check of the whole log found: %(count)s. See the page Log.")
        yield Condition("log_check", False, gettext_lazy("Log"), detail % {"count": result["count"]})


CHECKS: tuple[Check, ...] = (
    breaches_settled,
    _retention_job,
    copies_taken,
    last_check,
    disk_has_room,
    keys_there,
    clock_check,
    standby_follows,
    _log_check,
    journal_of_refusals,
    after_a_restore,
    erasures_done,
    templates_readable,
    threads_alive,
    copied_passkeys,
    mail_goes_out,
    printers_print,
    sheets_print,
    doors_work,
    witnesses_sign,
    pictures_detected,
    fuses_whole,
    versions_run,
)
