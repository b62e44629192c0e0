"""Why a fuse warns or has blown, in a sentence: for the officer, and for families."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.dpia.fuse_models import Fuse
from willing.dpia.fuse_rules import FuseKind

CAUSES: Mapping[str, Promise] = {
    FuseKind.MOSTLY_FACES: gettext_lazy(
        "Nearly everyone pays with a face although they have cards: check whether the card is still a way to "
        "pay that anyone may choose."
    ),
    FuseKind.FASTER_FACE: gettext_lazy(
        "Paying by card has taken much longer than paying with a face for many days in a row: those who do "
        "not want a camera wait for it."
    ),
    FuseKind.WRONG_PERSON: gettext_lazy(
        "Faces may be taken for another person's more often than was signed."
    ),
    FuseKind.OUT_OF_DATE: gettext_lazy(
        "The impact assessment is due for review, or families were consulted too long ago."
    ),
    FuseKind.ATTACKS: gettext_lazy(
        "More pictures are held up to the cameras, or pass in the school's own tests, than when the "
        "assessment was signed."
    ),
}
FAMILIES: Mapping[str, Promise] = {
    FuseKind.MOSTLY_FACES: gettext_lazy(
        "nearly everyone paid with a face, and the school checks that every way to pay is really open to all"
    ),
    FuseKind.FASTER_FACE: gettext_lazy(
        "paying by card took much longer, and nobody should wait for saying no"
    ),
    FuseKind.WRONG_PERSON: gettext_lazy("the school checks how often a face is taken for another person's"),
    FuseKind.OUT_OF_DATE: gettext_lazy(
        "the school has to look at its assessment or to ask families once more"
    ),
    FuseKind.ATTACKS: gettext_lazy("the school checks how pictures that are held up to a camera are found"),
}


def cause_of(fuse: Fuse) -> str:
    """Return why a fuse warns or has blown, with its class where it is of one."""
    cause = str(CAUSES[fuse.kind])
    return f"{fuse.year_group.name}: {cause}" if fuse.year_group else cause


def for_families(fuse: Fuse) -> str:
    """Return in a sentence that faces are off, and why, as families and pupils read it."""
    if fuse.year_group:
        text = _(
            "Paying with a face is switched off in this class for now: %(because)s. Card, code and PIN go on."
        )
    else:
        text = _(
            "Paying with a face is switched off at the school for now: %(because)s. Card, code and PIN go on."
        )
    return text % {"because": FAMILIES[fuse.kind]}
