"""What Health says about the witnesses of the log."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.audit.witnesses import witnesses
from willing.core.clock import now
from willing.ops.condition import Condition
from willing.people.models import School

QUIET_MAX = timedelta(days=8)  # asked every evening, a witness may be away for a week


def witnesses_sign(_school: School) -> Iterator[Condition]:
    """Say when each witness signed last; that one is silent for long is a fault, whoever's it is."""
    for witness, last in witnesses():
        said = (
            _("Signed last on %(at)s UTC.") % {"at": f"{last.at:%Y-%m-%d %H:%M}"}
            if last
            else _("Has not signed yet.")
        )
        if now() - max(witness.added_at, last.at if last else witness.added_at) <= QUIET_MAX:
            yield Condition("witness", True, gettext_lazy("Witness of the log"), f"{witness.name}: {said}")
            continue
        why = _("The operator asks it with “willing audit witness request”. If it refuses, find out why.")
        label = gettext_lazy("A witness of the log has not signed for more than a week.")
        yield Condition("witness", False, label, f"{witness.name}: {said} {why}")
