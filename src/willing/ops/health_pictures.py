"""What Health says about the check for pictures that are held up to a camera."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.biometrics.engine import may_load, picture_check, picture_check_fault
from willing.biometrics.models import PictureCheck
from willing.biometrics.picture_results import tried_tills
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
    if decided == PictureCheck.ACTING:
        yield from _tested(school)


def _tested(school: School) -> Iterator[Condition]:
    """Name the tills where pictures are refused and staff have not tried it with the network that is used."""
    check = picture_check()
    network = check.name if check else ""
    untested = [
        one.terminal.name for one in tried_tills(school) if one.test is None or one.test.network != network
    ]
    if untested:
        label = gettext_lazy("Not every till was tested with pictures.")
        detail = _(
            "Pictures are refused at these tills, and how well was not tried there: %(tills)s. The data "
            "protection officer (page Faces) or the administrator (page Tills) opens the test there."
        )
        yield Condition("pictures_tested", False, label, detail % {"tills": ", ".join(untested)})
