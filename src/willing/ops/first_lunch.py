"""What is still missing before a school has sold its first lunch. Faces are no part of it."""

from dataclasses import dataclass

from willing.credentials.models import Card, Pin
from willing.ledger.models import Transfer
from willing.people.models import Person, School
from willing.people.school_days import is_set
from willing.terminals.models import Terminal
from willing.till.menu_models import Product
from willing.till.models import Sale

CAN_WAIT = ("calendar",)


@dataclass(frozen=True)
class FirstLunchStep:
    """One thing on the way. key: people, menu, till, credential, money, calendar, sale.

    can_wait: lunch is sold without it, and nobody is sent there first.
    """

    key: str
    is_done: bool
    can_wait: bool = False


def first_lunch_steps(school: School) -> list[FirstLunchStep]:
    """Return the way to the first lunch in its order; nothing any more once one was sold."""
    if Sale.objects.filter(school=school).exists():
        return []
    here = Person.objects.filter(school=school, left_at=None)
    cards = Card.objects.filter(person__school=school, person__left_at=None, revoked_at=None)
    done = {
        "people": here.exists(),
        "menu": Product.objects.filter(school=school, is_on_sale=True).exists(),
        "till": Terminal.objects.filter(school=school, retired_at=None).exclude(token_digest="").exists(),
        "credential": cards.exists() or Pin.objects.filter(person__in=here).exists(),
        "money": Transfer.objects.filter(debit__school=school, reason=Transfer.Reason.TOPUP).exists(),
        "calendar": is_set(school),
        "sale": False,
    }
    return [FirstLunchStep(key, is_done, can_wait=key in CAN_WAIT) for key, is_done in done.items()]
