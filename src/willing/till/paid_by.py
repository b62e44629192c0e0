"""How a sale was paid: a way by which its customer said who they are, or cash of nobody in particular."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from willing.terminals.models import Way


class PaidBy(models.TextChoices):
    """The ways of a terminal, and cash. Cash is no Way: a screen that offers ways can't offer it."""

    CARD = Way.CARD.value, Way.CARD.label
    PIN = Way.PIN.value, Way.PIN.label
    FACE = Way.FACE.value, Way.FACE.label
    STAFF = Way.STAFF.value, Way.STAFF.label
    CASH = "cash", _("Cash")


class CashBuyer(models.TextChoices):
    """Who pays in cash at a till. Pupils don't: it would be a queue of its own for those without money."""

    VISITOR = "visitor", _("Visitor")
    STAFF = "staff", _("Staff")
