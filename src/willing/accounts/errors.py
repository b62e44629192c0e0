"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def invitation_expired() -> Refused:
    """No open invitation has that code: mistyped, used, ended by the office, or older than 30 days."""
    return Refused(
        "invitation_ended",
        _("This code is wrong or no longer works. The school office can print you a new one."),
    )


def user_name_taken() -> Refused:
    """Another user signs in with that name."""
    return Refused("name_taken", _("This username is taken. Please choose another one."))


def too_young_to_sign_in() -> Refused:
    """A pupil below the school's age, or of unknown age whom the office has not let in."""
    return Refused(
        "too_young_to_sign_in",
        _("You can't use your own page yet. Please ask the school office. Lunch works as always."),
    )


def passkey_known() -> Refused:
    """This passkey is stored here already, for this user or for another one."""
    return Refused(
        "passkey_known",
        _("This passkey is already registered here. Please create a new one, or use another device."),
    )


def too_many_attempts() -> Refused:
    """Somebody, or all together, tried something too often in a short time."""
    return Refused("too_many_attempts", _("Too many attempts. Please wait a minute and try again."))
