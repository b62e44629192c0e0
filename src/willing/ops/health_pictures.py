"""What Health says about the check for pictures that are held up to a camera."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.biometrics.engine import may_load, picture_check_fault
from willing.biometrics.models import PictureCheck
from willing.biometrics.queries import pictures_as_read
from willing.ops.condition import Condition
from willing.people.models import School


def pictures_detected(school: School) -> Iterator[Condition]:
    """Say whether the check runs that the school has decided on; a school without one hears nothing."""
    decided = pictures_as_read(school)
    if decided == PictureCheck.OFF or not may_load(school):
        return
    fault = picture_check_fault()
    if fault:
        detail = _(
            "The school has decided to detect pictures, and the network for it is not installed or damaged "
            "(%(fault)s). Cameras go on without the check. The operator runs “willing face liveness install” "
            "and restarts the server."
        )
        label = gettext_lazy("Pictures held up to a camera are not detected.")
        yield Condition("pictures", False, label, detail % {"fault": fault})
        return
    detail = (
        _("A till takes a picture as it takes a stranger.")
        if decided == PictureCheck.ACTING
        else _("They are counted and change nothing yet; the page Faces shows the numbers.")
    )
    yield Condition("pictures", True, gettext_lazy("Pictures held up to a camera"), detail)
