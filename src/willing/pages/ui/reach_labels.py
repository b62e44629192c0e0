"""What came of testing a public address, in words; and what letters should be held back for."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.ops.reach import Reach, find_reach
from willing.people.models import School
from willing.people.school import note_address_test


@dataclass(frozen=True)
class ReachShown:
    """What came of testing an address: kind of notice, title, what to do."""

    kind: str
    title: Promise
    text: Promise


REACHES = {
    Reach.HERE: ReachShown(
        "good",
        _("This address leads here, and the connection is encrypted."),
        _("So this computer sees it. Please open it on a phone outside the school's network as well."),
    ),
    Reach.PLAIN: ReachShown(
        "warn",
        _("This address leads here, but the connection is not encrypted."),
        _("Passkeys and phones' cameras need https. A proxy such as Caddy in front of this server gives it."),
    ),
    Reach.NO_NAME: ReachShown(
        "warn",
        _("No computer has this name, as far as this one can tell."),
        _("The person who looks after the school's names (DNS) can enter it. You can go on without it."),
    ),
    Reach.NO_ANSWER: ReachShown(
        "warn",
        _("Nothing answers at this address."),
        _("The proxy may not be running yet, or a firewall is in between. You can go on without it."),
    ),
    Reach.BAD_CERTIFICATE: ReachShown(
        "bad",
        _("The certificate of this address is not valid."),
        _("Families' browsers would warn them. A proxy such as Caddy gets a valid one by itself."),
    ),
    Reach.NAME_REFUSED: ReachShown(
        "warn",
        _("A server answers there, but does not go by this name."),
        _("If it is this one, start it again with the settings below."),
    ),
    Reach.SOMEBODY_ELSE: ReachShown(
        "bad",
        _("Another server answers at this address."),
        _("Please check the address. Letters to families would lead them there."),
    ),
}
REACHED = {Reach.HERE, Reach.PLAIN}


def try_address(school: School) -> ReachShown:
    """Test the school's public address now, keep what came of it, and return it in words."""
    reach = find_reach(school.public_address)
    note_address_test(school, reach)
    return REACHES[reach]


def last_test(school: School) -> ReachShown | None:
    """Return what came of the last test of the school's address, None where there was none."""
    return REACHES[Reach(school.address_reach)] if school.address_reach else None


def doubt_about(school: School) -> ReachShown | None:
    """Return what speaks against printing the school's address; None where nothing does."""
    if not school.public_address:
        return ReachShown(
            "warn",
            _("The school's public address is not set."),
            _("Letters and cards carry it: families and pupils open it with their phones."),
        )
    if not school.address_reach:
        return ReachShown(
            "warn",
            _("The school's public address was never tested."),
            _("Letters and cards carry it: families and pupils open it with their phones."),
        )
    if Reach(school.address_reach) in REACHED:
        return None
    found = REACHES[Reach(school.address_reach)]
    return ReachShown(
        "warn", _("The school's public address did not lead here at its last test."), found.title
    )
