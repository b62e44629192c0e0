"""The writers of money across: wrong pay-ins, siblings, gifts of leavers, debts that are written off."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from willing.accounts.models import Role, User
from willing.accounts.queries import roles_of
from willing.audit.actions import record
from willing.consent.errors import not_a_guardian
from willing.core.transactions import atomic, lock
from willing.drawers.errors import drawer_holds_less
from willing.drawers.models import Drawer
from willing.drawers.pay_ins import fetch_cheque
from willing.drawers.queries import holds_minor, lock_open_session
from willing.ledger.accounts import lock_accounts, open_school_account, open_wallet
from willing.ledger.actions import Order, post
from willing.ledger.errors import amount_not_positive
from willing.ledger.models import Account, Transfer
from willing.people.models import Guardian, Person, School
from willing.people.persons import require_present
from willing.people.places import small_sum_minor
from willing.people.queries import listed_guardians
from willing.wallets import errors
from willing.wallets.models import WORDS_MAX, Move
from willing.wallets.rules import OFFICE_WRITES_OFF, left_to_reverse_minor

Reason, Kind = Transfer.Reason, Account.Kind


@dataclass(frozen=True)
class Reversible:
    """A pay-in, whose it is today, and how much of it can be taken back now."""

    pay_in: Transfer
    person: Person
    left_minor: int


@atomic
def reverse_pay_in(
    school: School, transfer_id: UUID, amount_minor: int, *, words: str, key: UUID, by: User
) -> Transfer:
    """Take a wrong pay-in, or the wrong part of it, back to where it was received. The same key adds nothing.

    What came in cash goes out of its drawer, in the session that is open: a closed day stays closed. A cheque
    that was taken to the bank comes back from there first.
    Raises Refused pay_in_unknown, money_reason_missing, amount_not_positive, reversal_too_large,
    drawer_closed, drawer_holds_less, idempotency_key_reused.
    """
    why = _require_words(words)
    if amount_minor <= 0:
        raise amount_not_positive()
    found = _reversible(school, transfer_id, is_locked=True)
    wallet, paid = open_wallet(found.person), found.pay_in
    order = Order(key, wallet.id, paid.debit_id, amount_minor, Reason.REVERSAL, paid.id, paid.id)
    if not _is_done(order):
        if amount_minor > found.left_minor:
            raise errors.reversal_too_large(found.left_minor)
        _require_there(paid, amount_minor, key)
    return _post(order, "money.pay_in_reversed", found.person, by=by, words=why)


def _require_there(paid: Transfer, amount_minor: int, key: UUID) -> None:
    """Require that the sum is where the pay-in was received. That account is locked."""
    if paid.debit.kind == Kind.CHEQUES:
        fetch_cheque(paid, amount_minor, key=key)
    if (drawer := Drawer.objects.filter(account=paid.debit_id).first()) is not None:
        lock_open_session(drawer)
        held = holds_minor(drawer)
        if amount_minor > held:
            raise drawer_holds_less(held)


def require_pay_in(school: School, transfer_id: UUID) -> Reversible:
    """Return a pay-in and how much of it can be taken back. Raises Refused pay_in_unknown."""
    return _reversible(school, transfer_id, is_locked=False)


def _reversible(school: School, transfer_id: UUID, *, is_locked: bool) -> Reversible:
    rows = Transfer.objects.filter(
        pk=transfer_id, reason=Reason.TOPUP, credit__school=school, credit__kind=Kind.WALLET
    )
    paid = rows.select_related("debit", "credit__person__school").first()
    if paid is None or paid.credit.person is None:
        raise errors.pay_in_unknown()
    person = paid.credit.person
    while person.merged_into is not None:
        person = person.merged_into
    wallet = open_wallet(person)
    if is_locked:
        wallet = lock_accounts([wallet.id, *_beside(school, paid.debit)])[wallet.id]
    taken = Transfer.objects.filter(corrects=paid).aggregate(total=Sum("amount_minor"))["total"] or 0
    left = left_to_reverse_minor(paid.amount_minor, taken, wallet.available_minor, school.grace_minor)
    return Reversible(paid, person, left)


def _beside(school: School, received: Account) -> list[UUID]:
    """Return what is locked together with a wallet: a cheque may lie at the bank by now."""
    if received.kind != Kind.CHEQUES:
        return [received.id]
    return [received.id, open_school_account(school, Kind.BANK).id]


@atomic
def move_to_sibling(
    giver: Person, taker: Person, amount_minor: int, *, key: UUID, by: Guardian | User
) -> Transfer:
    """Move money from one child's wallet to a sibling's. The same key again moves nothing.

    by: a guardian of both, or a member of staff for one. Someone who has left may give and not get. Nothing
    below zero is given away. Raises Refused not_siblings, not_a_guardian, has_left, amount_not_positive,
    balance_too_small, idempotency_key_reused.
    """
    guardians = [{one.id for one in listed_guardians(person.id)} for person in (giver, taker)]
    if giver.pk == taker.pk or not guardians[0] & guardians[1]:
        raise errors.not_siblings()
    if isinstance(by, Guardian) and by.id not in guardians[0] & guardians[1]:
        raise not_a_guardian()
    require_present(taker)
    order = _from_wallet(giver, open_wallet(taker), amount_minor, Reason.SIBLING, key)
    return _post(order, "money.transferred", giver, by=by, taker=taker)


@atomic
def give_to_school(person: Person, amount_minor: int, *, key: UUID, by: Guardian | User) -> Transfer:
    """Give what someone who has left had to the school's meals. The same key again gives nothing.

    Raises Refused not_a_leaver, not_a_guardian, amount_not_positive, balance_too_small,
    idempotency_key_reused.
    """
    if isinstance(by, Guardian) and by not in listed_guardians(person.id):
        raise not_a_guardian()
    if person.left_at is None:
        raise errors.not_a_leaver()
    gifts = open_school_account(person.school, Kind.GIFTS)
    order = _from_wallet(person, gifts, amount_minor, Reason.GIFT, key)
    return _post(order, "money.donated", person, by=by)


@atomic
def write_off(person: Person, *, words: str, key: UUID, by: User) -> Transfer:
    """Give up what someone who has left owes the school. The same key again gives up nothing.

    Above OFFICE_WRITES_OFF small sums an administrator does it. Raises Refused money_reason_missing,
    not_a_leaver, no_debt, write_off_too_large.
    """
    why = _require_words(words)
    if person.left_at is None:
        raise errors.not_a_leaver()
    wallet = open_wallet(person)
    given_up = open_school_account(person.school, Kind.WRITE_OFF)
    locked = lock_accounts([wallet.id, given_up.id])
    debt = -locked[wallet.id].available_minor
    order = Order(key, given_up.id, wallet.id, max(debt, 1), Reason.WRITE_OFF, person.id)
    earlier = Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED), credit=wallet).first()
    if earlier is not None:
        return earlier
    if debt <= 0:
        raise errors.no_debt()
    allowed = office_writes_off_minor(person.school)
    if debt > allowed and Role.Kind.ADMINISTRATOR not in roles_of(by, person.school):
        raise errors.write_off_too_large(allowed)
    return _post(order, "debt.waived", person, by=by, words=why)


def office_writes_off_minor(school: School) -> int:
    """Return up to which debt the office writes off by itself, in minor units."""
    return small_sum_minor(school.currency) * OFFICE_WRITES_OFF


def _from_wallet(giver: Person, credit: Account, amount_minor: int, reason: str, key: UUID) -> Order:
    """Return an order that takes no more than is there."""
    if amount_minor <= 0:
        raise amount_not_positive()
    wallet = open_wallet(giver)
    available = lock_accounts([wallet.id, credit.id])[wallet.id].available_minor
    order = Order(key, wallet.id, credit.id, amount_minor, reason, giver.id)
    if not _is_done(order) and amount_minor > available:
        raise errors.balance_too_small(max(available, 0))
    return order


def _is_done(order: Order) -> bool:
    return Transfer.objects.filter(pk=order.transfer_id(Transfer.Kind.POSTED)).exists()


def _post(
    order: Order,
    event: str,
    about: Person,
    *,
    by: Guardian | User,
    words: str = "",
    taker: Person | None = None,
) -> Transfer:
    is_new = not _is_done(order)
    moved = post(order)
    if is_new:
        guardian, user = (by, None) if isinstance(by, Guardian) else (None, by)
        Move.objects.create(transfer=moved, words=words, guardian=guardian, user=user)
        facts = {
            "amount": order.amount_minor,
            "transfer": str(moved.id),
            "by": user.pk if user else None,
            "guardian": str(guardian.id) if guardian else None,
        }
        if taker is not None:
            facts["to"] = str(taker.id)
        record(event, subject=about.id, facts=facts, personal={"words": words} if words else {})
    return moved


def _require_words(words: str) -> str:
    text = " ".join(words.split())[:WORDS_MAX]
    if not text:
        raise errors.reason_missing()
    return text


@atomic
def forget_words() -> int:
    """Empty what the office wrote about people whose names are deleted. Return how many."""
    rows = lock(Move.objects).exclude(words="")
    gone = rows.filter(transfer__debit__person__given_name="") | rows.filter(
        transfer__credit__person__given_name=""
    )
    return Move.objects.filter(pk__in=list(gone.values_list("pk", flat=True))).update(words="")
