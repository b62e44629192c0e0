"""What goes wrong in this room. What the verifier finds is `verify.errors.Unproven`."""

from django.utils.translation import gettext_lazy as _

from willing.core.errors import Refused


def clock_behind() -> Refused:
    """The computer's clock is behind the newest entry of the log: no faces, no deletion until it is right."""
    return Refused(
        "clock_behind",
        _(
            "The school's computer has the wrong time. Until it is corrected, no face is "
            "used and nothing is deleted. Card and PIN work."
        ),
    )


def clock_not_behind() -> Refused:
    """The operator vouched for a clock that nothing contradicts."""
    return Refused("clock_not_behind", _("The clock is not behind, so there is nothing to confirm."))


class WitnessUnknown(Exception):
    """No witness of this name is asked, or one of this name is asked already under another key."""


class NothingLogged(Exception):
    """The log has no entry yet, so there is nothing to sign."""


class NotSealed(Exception):
    """No checkpoint covers the entry yet; the next one will (`willing audit checkpoint`)."""


class TreeDamaged(Exception):
    """The stored tree lacks a part or does not continue what was signed; `willing audit verify` says more."""


class SigningKeyUnreadable(Exception):
    """The file with the signing key does not hold one."""


class CopyUnreadable(Exception):
    """The file is no copy of a database with a log in it."""


class JournalUnfit(Exception):
    """The folder cannot be where the journal of refusals lies."""


class JournalDamaged(Exception):
    """There is no journal of refusals there, or it cannot be read on."""
