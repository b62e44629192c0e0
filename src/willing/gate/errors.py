"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def door_unknown() -> Refused:
    """No such door at this school, or it was retired."""
    return Refused("door_unknown", _("We can't find that door."))


def door_name_taken() -> Refused:
    """Another door of this school has that name."""
    return Refused("door_name_taken", _("Another door already has this name."))


def door_name_missing() -> Refused:
    """A door without a name."""
    return Refused("door_name_missing", _("Please give the door a name."))


def door_has_lanes() -> Refused:
    """A door is to be removed while lanes lead to it."""
    return Refused("door_has_lanes", _("Lanes lead to this door. Remove them first, or move them."))


def lane_unknown() -> Refused:
    """No such lane, or its terminal was retired."""
    return Refused("lane_unknown", _("We can't find that lane."))


def lane_closed() -> Refused:
    """The lane is not in use for now."""
    return Refused("lane_closed", _("This lane is closed for now. Please use another one."))


def not_a_lane() -> Refused:
    """The device is paired as something else: a till."""
    return Refused("not_a_lane", _("This device is no lane of a gate. Please pair it as one."))


def opening_reason_missing() -> Refused:
    """Staff open a door and do not say why."""
    return Refused("opening_reason_missing", _("Please choose or write down why you open."))


def passage_person_unknown() -> Refused:
    """Staff chose a person who is not at this school any more, or whom no look-up has shown."""
    return Refused("passage_person_unknown", _("We can't find that person. Please search again."))
