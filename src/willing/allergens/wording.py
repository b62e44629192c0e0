"""Words for what led to a verdict."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from willing.allergens.rules import Why

WHY: Mapping[str, Promise | str] = {
    Why.NOTHING: "",
    Why.CONTAINS: _("Contains it"),
    Why.MAY_CONTAIN: _("May contain it"),
    Why.NOT_LISTED: _("On no list: nobody declares it"),
    Why.NOT_SIGNED: _("Not signed for today"),
    Why.NOT_DECLARED: _("Allergens not known"),
}
