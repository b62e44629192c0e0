"""What the pupil's half says about the camera. Plain, short, never a name, never blame."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.till.errors import basket_expired, identification_expired

Words = str | Promise

NOT_SURE = _("The camera could not be sure. Please pay another way.")

# By the engine's word for what to change (willing.face.Hint).
HINTS: Mapping[str, Promise] = {
    "ok": _("Hold still for a moment"),
    "no_face": _("Look at the screen"),
    "several_faces": _("One at a time, please"),
    "closer": _("A little closer"),
    "further": _("A little further away"),
    "centre": _("Move to the middle"),
    "brighter": _("More light, please"),
    "darker": _("It is too bright here"),
    "hold_still": _("Hold still for a moment"),
    "look_straight": _("Look straight ahead"),
    "uncover": _("Please show your whole face"),
    "turn_left": _("Turn your head to the left, then look at the screen again"),
    "turn_right": _("Turn your head to the right, then look at the screen again"),
}

# To which side an arrow points beside the picture, which is a mirror.
TURNS: Mapping[str, str] = {"turn_left": "left", "turn_right": "right"}

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
