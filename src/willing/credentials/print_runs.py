"""The writers of print runs: what is printed at one press, and what of it a person saw come out.

A card or PIN works once its sheet went to the browser, so that no pupil is at a till with a new card that
does not pay. A card takes the place of the earlier ones once a person confirms its sheet. What did not come
out is given up or printed anew, and what was made for it before works no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from willing.accounts.many_invitations import invite_guardians, revoke_invitations
from willing.accounts.models import User
from willing.audit.actions import record
from willing.audit.clock_state import recorded_before
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.credentials import errors
from willing.credentials.many_cards import issue_cards, revoke_many, revoke_others
from willing.credentials.many_pins import DrawnPin, delete_pins, store_pins
from willing.credentials.models import Card
from willing.credentials.print_models import PrintedItem, PrintRun
from willing.credentials.print_rules import RUN_MAX, PrintLayout, sheet_of, sheets_of
from willing.people.models import Guardian, Person, School

Kind, State = PrintRun.Kind, PrintedItem.State


@dataclass(frozen=True)
class _Item:
    """One card, slip or letter to be kept track of."""

    person: Person
    guardian: Guardian | None = None
    card: Card | None = None


@dataclass(frozen=True)
class NewRun:
    """What is to be printed. key: the form's own, so that a double press prints once."""

    school: School
    kind: str
    layout: PrintLayout
    total: int
    key: UUID


@atomic
def start_run(new: NewRun, *, by: User) -> PrintRun:
    """Begin a run, so that a page can show how far it is.

    Raises Refused nothing_to_print, too_many_to_print, sheets_printed_already.
    """
    if new.total == 0:
        raise errors.nothing_to_print()
    if new.total > RUN_MAX[new.kind]:
        raise errors.too_many_to_print(RUN_MAX[new.kind])
    run, is_new = PrintRun.objects.get_or_create(
        id=new.key,
        defaults={
            "school": new.school,
            "kind": new.kind,
            "layout": new.layout.value,
            "total": new.total,
            "by": by,
        },
    )
    if not is_new:
        raise errors.sheets_printed_already()
    return run


def note_made(run: PrintRun, made: int) -> None:
    """Keep how many are made by now."""
    PrintRun.objects.filter(pk=run.pk).update(made=made)


@atomic
def abandon_run(run: PrintRun) -> None:
    """Forget a run whose sheets could not be made: nothing of it works, and nothing was printed."""
    PrintRun.objects.filter(pk=run.pk, ready_at=None).delete()


@atomic
def finish_cards(run: PrintRun, persons: Sequence[Person], *, by: User, instead_of: PrintRun | None) -> None:
    """Let the cards of a run work, once its sheets are made. Raises Refused has_left.

    instead_of: the run whose sheets that were not printed these replace.
    """
    cards = issue_cards(persons, by=by, key=run.pk)
    items = [_Item(card.person, card=card) for card in cards]
    _finish(run, items, by=by, instead_of=instead_of)


@atomic
def finish_pins(
    run: PrintRun, drawn: Mapping[Person, DrawnPin], *, by: User, instead_of: PrintRun | None
) -> None:
    """Let the PINs of a run work, once its slips are made. Raises Refused has_left."""
    if instead_of is not None:
        void_waiting(instead_of, by=by)
    store_pins(run.school, drawn, by=by)
    _finish(run, [_Item(one) for one in drawn], by=by, instead_of=None)


@atomic
def finish_letters(
    run: PrintRun,
    recipients: Sequence[tuple[Guardian, Person]],
    codes: Mapping[UUID, str],
    *,
    by: User,
    instead_of: PrintRun | None,
) -> None:
    """Let the codes of a run's letters work, once those are made. codes: by the guardian's id."""
    invite_guardians(codes, by=by)
    items = [_Item(child, guardian=guardian) for guardian, child in recipients]
    _finish(run, items, by=by, instead_of=instead_of)


def _finish(run: PrintRun, items: Sequence[_Item], *, by: User, instead_of: PrintRun | None) -> None:
    layout = PrintLayout(run.layout)
    PrintedItem.objects.bulk_create(
        PrintedItem(
            run=run,
            number=number,
            sheet=sheet_of(layout, number),
            person=item.person,
            guardian=item.guardian,
            card=item.card,
        )
        for number, item in enumerate(items, start=1)
    )
    if instead_of is not None:
        _void(instead_of, by, is_replaced=True)
    run.made, run.ready_at = run.total, now()
    run.save(update_fields=["made", "ready_at"])
    facts = {"run": str(run.pk), "kind": run.kind, "count": len(items), "by": by.pk}
    record("print_run.made", subject=None, facts=facts, personal={})


@atomic
def confirm_sheets(run_id: UUID, *, until: int | None, by: User) -> int:
    """Record that sheets came out of the printer whole: all of them, or those up to a number.

    From now on the earlier cards of those on them are revoked. Return how many pieces are confirmed.
    Raises Refused unknown_print_run, sheet_unknown.
    """
    run = _locked(run_id)
    waiting = PrintedItem.objects.filter(run=run, state=State.WAITING)
    if until is not None:
        if not 1 <= until <= sheets_of(PrintLayout(run.layout), run.total):
            raise errors.sheet_unknown()
        waiting = waiting.filter(sheet__lte=until)
    rows = list(waiting.values_list("pk", "card_id"))
    PrintedItem.objects.filter(pk__in=[pk for pk, _ in rows]).update(state=State.CONFIRMED)
    cards = [card for _, card in rows if card is not None]
    ended = revoke_others(cards, by=by) if cards else []
    PrintedItem.objects.filter(card_id__in=ended, state=State.WAITING).update(state=State.VOID)
    if rows:
        facts = {"run": str(run.pk), "count": len(rows), "cards_revoked": len(ended), "by": by.pk}
        record("print_run.confirmed", subject=None, facts=facts, personal={})
    _close(run)
    return len(rows)


@atomic
def void_waiting(run: PrintRun, *, by: User) -> int:
    """Give up what was not printed: those cards, PINs and codes work no more. Return how many."""
    return _void(_locked(run.pk), by, is_replaced=False)


def _void(run: PrintRun, by: User, *, is_replaced: bool) -> int:
    waiting = list(PrintedItem.objects.filter(run=run, state=State.WAITING).select_related("person"))
    PrintedItem.objects.filter(pk__in=[one.pk for one in waiting]).update(state=State.VOID)
    if run.kind == Kind.CARDS:
        revoke_many([one.card_id for one in waiting if one.card_id is not None], by=by)
    elif run.kind == Kind.PINS:
        delete_pins([one.person for one in waiting])
    elif not is_replaced:  # a new letter's code revokes the earlier one
        revoke_invitations([one.guardian_id for one in waiting if one.guardian_id is not None], by=by)
    if waiting:
        facts = {"run": str(run.pk), "count": len(waiting), "by": by.pk}
        record("print_run.voided", subject=None, facts=facts, personal={})
    _close(run)
    return len(waiting)


def _locked(run_id: UUID) -> PrintRun:
    run = lock(PrintRun.objects).filter(pk=run_id, ready_at__isnull=False).first()
    if run is None:
        raise errors.unknown_print_run()
    return run


def _close(run: PrintRun) -> None:
    """Close a run of which nothing waits any more; another run may be closed by the same answer."""
    waits = PrintedItem.objects.filter(state=State.WAITING).values("run")
    PrintRun.objects.filter(ready_at__isnull=False, closed_at=None, school=run.school_id).exclude(
        pk__in=waits
    ).update(closed_at=now())


@atomic
def purge_print_runs(before: datetime, limit: int) -> int:
    """Delete runs that began before then, with what was on them; cards and PINs stay. Return how many."""
    ids = list(
        PrintRun.objects.filter(recorded_before("started_at", before)).values_list("pk", flat=True)[:limit]
    )
    PrintRun.objects.filter(pk__in=ids).delete()
    return len(ids)
