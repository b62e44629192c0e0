"""After a sale that a card began and a face confirmed: one press refreshes the stored face."""

from uuid import UUID

from willing.accounts.models import User
from willing.biometrics.errors import refresh_over
from willing.biometrics.refreshing import find_offer, refresh_template
from willing.terminals.models import Terminal, Way
from willing.till.models import Sale


def can_refresh(sale: Sale) -> bool:
    """Say whether the person who has just paid may refresh their stored face, here and now."""
    offer = find_offer(sale.terminal, sale.basket_id)
    if offer is None or offer.person_id != sale.person_id or sale.way != Way.FACE:
        return False
    return bool(sale.basket.claim == Way.CARD)


def refresh_after(terminal: Terminal, sale_id: UUID, *, by: User | None) -> None:
    """Refresh the stored face of who has just paid. by: the cashier.

    Raises Refused refresh_over, refresh_unlike, not_permitted.
    """
    sale = Sale.objects.select_related("terminal", "basket").filter(pk=sale_id, terminal=terminal).first()
    if sale is None or not can_refresh(sale):
        raise refresh_over()
    refresh_template(terminal, sale.basket_id, by=by)
