"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def invitation_expired() -> Refused:
    """No open invitation has that code: mistyped, used, cancelled by the office, or older than 30 days."""
    return Refused(
        "invitation_ended",
        _("This code is wrong or no longer works. The school office can print you a new one."),
    )


def user_name_taken() -> Refused:
    """Another user signs in with that name."""
    return Refused("name_taken", _("This username is taken. Please choose another one."))


def username_unfit() -> Refused:
    """A username with a blank or a sign that usernames do not have, or with more than 150 characters."""
    return Refused(
        "username_unfit",
        _("A username has letters, digits and @ . + - _ only, and no spaces. Please choose another one."),
    )


def administrator_exists() -> Refused:
    """The first administrator was made before; the others are invited by an administrator."""
    return Refused("administrator_exists", _("This school has an administrator already."))


def last_administrator() -> Refused:
    """Without this one, nobody could invite staff, give roles or change the school's settings."""
    return Refused(
        "last_administrator",
        _("This is the only administrator. Please make someone else an administrator first."),
    )


def own_account() -> Refused:
    """Whoever deletes sign-ins keeps their own: another administrator deletes it."""
    return Refused("own_account", _("You can't delete your own sign-in. Please ask another administrator."))


def role_missing() -> Refused:
    """A member of staff without a role could open nothing."""
    return Refused(
        "role_missing", _("Please choose at least one role. To let someone do nothing, disable them.")
    )


def unknown_user() -> Refused:
    """No such member of staff; the sign-ins of families and pupils are looked after on a person's page."""
    return Refused("unknown_user", _("We can't find that member of staff."))


def sign_in_missing() -> Refused:
    """A member of staff who has not used their link yet has nothing that could be enabled."""
    return Refused("sign_in_missing", _("They have no sign-in yet. Please make a new link."))


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
    """Someone, or all together, tried something too often in a short time."""
    return Refused("too_many_attempts", _("Too many attempts. Please wait a minute and try again."))
