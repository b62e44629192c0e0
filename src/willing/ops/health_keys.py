"""What Health says about keys, erasures that are not finished, templates that can't be read, and threads."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.biometrics.erasure import pending_erasures
from willing.biometrics.models import Template
from willing.core.supervision import pulses
from willing.keys.errors import KeysUnavailable
from willing.keys.installation import find_keys_fault
from willing.ops.condition import Condition
from willing.people.models import School


def keys_there(_school: School) -> Iterator[Condition]:
    """Say whether the database of the keys is there and is this installation's."""
    fault = find_keys_fault(fresh=True)
    if not fault:
        yield Condition("keys", True, gettext_lazy("Keys of faces and consent forms"), _("They are there."))
        return
    detail = _(
        "Everyone can still pay by card or PIN; no face is used or deleted. The "
        "operator puts the keys back: %(fault)s"
    )
    label = gettext_lazy("Faces are off: the keys are missing.")
    yield Condition("keys", False, label, detail % {"fault": fault})


def erasures_done(_school: School) -> Iterator[Condition]:
    """Say whether every key that was to be destroyed is gone, from every file."""
    label = gettext_lazy("Erasures")
    try:
        pending = pending_erasures()
    except KeysUnavailable:
        return  # `keys_there` says why
    if pending.since is None:
        yield Condition("erasures", True, label, _("Every key that had to be destroyed is gone."))
        return
    since = f"{pending.since:%Y-%m-%d %H:%M}"
    if pending.keys:
        detail = _(
            "%(keys)s keys could not be destroyed yet (since %(at)s UTC). The server "
            "tries again every few seconds."
        )
        yield Condition("erasures", False, label, detail % {"keys": pending.keys, "at": since})
    if pending.wipes:
        detail = _(
            "Bytes of destroyed keys have been on the disk since %(at)s UTC, because a "
            "program keeps the keys database open. The server tries again every few "
            "seconds; the operator closes that program."
        )
        yield Condition("erasures", False, label, detail % {"at": since})


def templates_readable(school: School) -> Iterator[Condition]:
    """Say whether a template is suspended because it can't be read."""
    damaged = Template.objects.filter(
        person__school=school, suspended_for=Template.Suspension.DAMAGED
    ).count()
    label = gettext_lazy("Stored faces")
    if not damaged:
        yield Condition("templates", True, label, _("All that were used could be read."))
        return
    detail = _(
        "%(damaged)s can't be read and are not used; their owners pay by card or PIN. "
        "The operator checks the disk; the office enrols these people again."
    )
    yield Condition("templates", False, label, detail % {"damaged": damaged})


def threads_alive(_school: School) -> Iterator[Condition]:
    """Say how the threads of the running servers are: which one fails, and with what kind of error."""
    found = pulses()
    label = gettext_lazy("Work in the background")
    for one in found:
        if one.is_failing:
            detail = _("%(name)s (process %(process)s) does not work: %(fault)s, last on %(at)s.")
            facts = {"name": one.name, "process": one.process, "fault": one.last_fault, "at": one.fault_time}
            yield Condition("threads", False, label, detail % facts)
    if not any(one.is_failing for one in found):
        detail = _("%(threads)s threads work; %(faults)s faults since they began.")
        facts = {"threads": len(found), "faults": sum(one.faults for one in found)}
        yield Condition("threads", True, label, detail % facts)
