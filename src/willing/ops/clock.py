"""Whether the computer's clock can be believed, for Health, and the operator's word that it can."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.accounts.models import Role, User
from willing.accounts.queries import roles_of
from willing.audit import actions as audit
from willing.audit.clock_state import clock_state
from willing.core.clock import now
from willing.core.transactions import atomic
from willing.dpia.errors import reason_missing
from willing.dpia.lock_log import record_lock
from willing.ops.condition import Condition
from willing.ops.errors import not_the_administrator
from willing.people.models import School


@atomic
def accept_clock(school: School, *, reason: str, by: User | None) -> None:
    """Record that the clock is right now, and that the newest entries were written with a wrong one.

    From then on faces and the nightly deletion go on, measured by what the clock says from this moment.
    by: an administrator, or None for a person at the computer itself.
    Raises Refused not_the_administrator, reason_missing, clock_not_behind.
    """
    if by is not None and Role.Kind.ADMINISTRATOR not in roles_of(by, school):
        raise not_the_administrator()
    if not reason.strip():
        raise reason_missing()
    audit.accept_clock(school.id, reason=reason.strip(), by=by.pk if by else None)
    record_lock(school)


def clock_check(_school: School) -> Iterator[Condition]:
    """Yield whether the clock is behind the newest entry of the log, and what to do about it."""
    state = clock_state()
    if not state.is_behind or state.newest_at is None:
        yield Condition("clock", True, gettext_lazy("Clock"), _("It is not behind the log."))
        return
    detail = _(
        "It says %(now)s UTC, but the log has an entry of %(newest)s UTC. Tills sell by card and PIN; no "
        "face is used and nothing is deleted. Set the clock. If it is correct now and ran ahead before, "
        "the operator confirms that here or with “willing clock accept”."
    )
    times = {"now": f"{now():%Y-%m-%d %H:%M}", "newest": f"{state.newest_at:%Y-%m-%d %H:%M}"}
    yield Condition("clock", False, gettext_lazy("The computer's clock is wrong."), detail % times)
