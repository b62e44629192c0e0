"""What the pupil's half says about the camera. Plain, short, never a name, never blame."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.till.errors import basket_expired, identification_expired

Words = str | Promise

NOT_SURE = _("The camera could not be sure. Please pay another way.")

# Others see the screen: "nobody" and "not sure" read alike.
NO_ANSWER = frozenset({"unknown", "ambiguous"})
# After a card or PIN the face confirms, and without it the card or PIN pays as ever.
CONFIRMED = _("It is you.")
NOT_CONFIRMED = _("The camera could not be sure. Your card or PIN is enough.")
NOT_LOOKED = _("The camera is off. Your card or PIN is enough.")

# After "Refresh my picture".
REFRESHED = _("Your picture is refreshed. You can see the date on your own page.")
NOT_PERMITTED = _("Nothing was changed: your face may no longer be used.")

# What has expired (till.rules.Expiry): quiet, for the next customer sees it.
EXPIRED: Mapping[str, Words] = {
    "shown": identification_expired().message,
    "basket": basket_expired().message,
}

# By the reason that the page gives when it closes a session itself (face.js). "cancelled" needs no text.
ENDINGS: Mapping[str, Promise] = {
    "timeout": NOT_SURE,
    "camera_refused": _("The camera is blocked in this browser. Please pay another way."),
    "camera_missing": _("There is no camera here. Please pay another way."),
    "camera_busy": _("The camera is in use by another program. Please pay another way."),
    "camera_lost": _("The camera was unplugged. Please pay another way."),
    "camera_chosen": _("That camera is used here from now on. Press “Use my face” again to see its picture."),
    "network": _("The camera is off because the server did not answer. Please pay another way."),
    "hidden": _("The camera is off because this page was hidden. Please choose how to pay."),
}
