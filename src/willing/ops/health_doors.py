"""What Health says about devices at doors."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.core.clock import now
from willing.gate.device_errors import describe_fault
from willing.gate.device_rules import ListState, is_drift, list_state
from willing.gate.door_models import DoorDevice
from willing.ops.condition import Condition
from willing.people.models import School


def doors_work(school: School) -> Iterator[Condition]:
    """Name each device that does not work, whose clock is off, or whose list is old."""
    for one in DoorDevice.objects.filter(school=school).order_by("address", "unit"):
        text = _fault_of(one)
        if text:
            detail = _("%(address)s: %(fault)s") % {"address": one.address, "fault": text}
            yield Condition("door", False, gettext_lazy("A device at a door needs a person."), detail)


def _fault_of(one: DoorDevice) -> str:
    if one.fault:
        return describe_fault(one.fault, one.fault_detail)
    if is_drift(one.drift_seconds):
        return _("Its clock is %(seconds)s seconds off. Set it under Locks and readers.") % {
            "seconds": abs(one.drift_seconds or 0)
        }
    if one.list_right_at is not None and list_state(one.list_right_at, now()) is ListState.OLD:
        minutes = int(abs(now() - one.list_right_at).total_seconds() // 60)
        return _("Its list of cards is %(minutes)s minutes old.") % {"minutes": minutes}
    return ""
