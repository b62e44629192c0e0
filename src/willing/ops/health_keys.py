"""What Health says about the keys of faces and signed forms."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.keys.installation import find_keys_fault
from willing.ops.condition import Condition
from willing.people.models import School


def keys_there(_school: School) -> Iterator[Condition]:
    """Say whether the database of the keys is there and is this installation's."""
    fault = find_keys_fault(fresh=True)
    if not fault:
        yield Condition("keys", True, gettext_lazy("Keys of faces and signed forms"), _("They are there."))
        return
    detail = _(
        "Everyone pays by card or PIN; no face is used or deleted for it. "
        "The operator puts the keys back: %(fault)s"
    )
    label = gettext_lazy("Faces are off: the keys are missing.")
    yield Condition("keys", False, label, detail % {"fault": fault})
