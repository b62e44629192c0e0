"""What Health says of the fuses that switch faces off by themselves."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.core.dates import write_day
from willing.dpia.fuse_labels import cause_of
from willing.dpia.queries import fuses_of
from willing.ops.condition import Condition
from willing.people.models import School


def fuses_whole(school: School) -> Iterator[Condition]:
    """Name each fuse that warns or has blown; a school without one hears nothing."""
    for fuse in fuses_of(school):
        cause = cause_of(fuse)
        if fuse.blown_at:
            label = gettext_lazy("Faces are switched off until the data protection officer decides.")
            yield Condition("fuse_blown", False, label, cause)
            continue
        label = gettext_lazy("Faces will be switched off unless the data protection officer decides.")
        facts = {"cause": cause, "day": write_day(fuse.blows_on)}
        detail = _("%(cause)s It happens on the morning of %(day)s.") % facts
        yield Condition("fuse_warning", False, label, detail)
