"""Reads of the books as they are now."""

from collections.abc import Mapping

from django.db.models import F, Sum

from willing.ledger.models import Account, Side
from willing.people.models import School


def balances_by_kind(school: School) -> Mapping[str, int]:
    """Return what is posted on all accounts of each kind, in minor units, from the side on which it grows."""
    rows = Account.objects.filter(school=school).values_list("kind", "side").order_by()
    summed = rows.annotate(total=Sum(F("credits_posted") - F("debits_posted")))
    return {kind: total if side == Side.CREDIT else -total for kind, side, total in summed}
