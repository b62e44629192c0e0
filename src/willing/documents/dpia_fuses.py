"""The section of the assessment that says at which numbers faces are switched off by themselves."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy

from willing.documents.parts import DocumentTable, Section, fix
from willing.dpia.fuse_models import Fuse

AT = {
    Fuse.Kinds.MOSTLY_FACES: gettext_lazy(
        "In a class, or the school: in 30 days %(uses_min)s payments or more by %(pupils_min)s pupils or "
        "more who have cards, and %(faces)s or more of them with a face"
    ),
    Fuse.Kinds.FASTER_FACE: gettext_lazy(
        "On %(wait_days)s days in a row on which both are known: the face's median wait under %(wait)s of "
        "the card's"
    ),
    Fuse.Kinds.WRONG_PERSON: gettext_lazy(
        "In 90 days: the upper end of the 95 %% interval above %(wrong)s of the uses, and one at least"
    ),
    Fuse.Kinds.OUT_OF_DATE: gettext_lazy(
        "The day of the review has come, or families were consulted more than %(consultation_days)s days ago"
    ),
    Fuse.Kinds.ATTACKS: gettext_lazy(
        "Pictures found more often in 30 days, or more of them passed in the latest test of each till, than "
        "is signed here, chance left aside"
    ),
}
WHAT_HAPPENS = gettext_lazy(
    "Nobody has to press anything for this. The data protection officer is warned first; if nothing is "
    "decided by the morning of the day that the warning names, faces are off before the first sale, in the "
    "class or at the school, until the officer records a decision with a reason and a last day. Cards, codes "
    "and PINs go on. A class in which fewer pupils paid is only counted with the school."
)


def fuses_section(bounds: Mapping[str, int]) -> Section:
    """Return it for the bounds that are signed, or about to be (fuse_rules.Bounds)."""
    shares = {
        **bounds,
        "faces": f"{bounds['faces_permille'] / 10:g} %",
        "wait": f"{bounds['wait_permille'] / 10:g} %",
        "wrong": f"{bounds['wrong_permille'] / 10:g} %",
    }
    rows = [(str(kind.label), str(AT[kind]) % shares) for kind in Fuse.Kinds]
    return Section(
        gettext("When faces are switched off by themselves"),
        (str(WHAT_HAPPENS),),
        table=DocumentTable((gettext("What is watched"), gettext("At which numbers")), fix(rows)),
    )
