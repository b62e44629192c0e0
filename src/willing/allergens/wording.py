"""Words for what led to a verdict."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.allergens.queries import as_entered
from willing.allergens.rules import DishCause, DishDecision
from willing.allergens.table import labels

WHY: Mapping[str, Promise | str] = {
    DishCause.NOTHING: "",
    DishCause.CONTAINS: _("Contains it"),
    DishCause.MAY_CONTAIN: _("May contain it"),
    DishCause.NOT_LISTED: _("On no list: nobody declares it"),
    DishCause.NOT_SIGNED: _("Not signed for today"),
    DishCause.NOT_DECLARED: _("Allergens not known"),
}


def doubts_in_words(decision: DishDecision, person_id: UUID) -> list[tuple[str, str]]:
    """Return each cause of a decision for a person, with the allergens that it is about.

    In the reader's language; those that are on no list in the words of who entered them.
    """
    return [
        (str(WHY[one.why]), ", ".join(labels(as_entered(person_id, one.allergens))))
        for one in decision.doubts
    ]
