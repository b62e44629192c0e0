"""What a page says while the camera runs, at a till or a gate. Plain, short, never a name, never blame."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
