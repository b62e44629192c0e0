"""What roll calls hold of a person: whether they were expected and ticked, traces, what helpers must know."""

from typing import Any

from willing.people.models import Person
from willing.privacy.values import iso
from willing.rollcall.labels import WHY
from willing.rollcall.models import LastSeen, Listed, MedicalWords
from willing.rollcall.rules import ExpectedCause


def roll_calls(person: Person, newest: int | None = None) -> list[dict[str, Any]]:
    """Return each roll call with the person on its list, the newest first; who of the staff ticked is theirs.

    newest: so many at most; None for all.
    """
    rows = Listed.objects.filter(person=person).select_related("roll_call").prefetch_related("ticks")
    seen: dict[Any, list[LastSeen]] = {}
    for one in LastSeen.objects.filter(person=person).order_by("opened_at"):
        seen.setdefault(one.roll_call_id, []).append(one)
    return [
        {
            "kind": str(one.roll_call.get_kind_display()),
            "started_at": iso(one.roll_call.started_at),
            "is_expected": one.is_expected,
            "why": str(WHY[ExpectedCause(one.why)]),
            "ticks": [
                {"state": str(tick.get_state_display()), "at": iso(tick.at)}
                for tick in sorted(one.ticks.all(), key=lambda tick: tick.number)
            ],
            "last_seen": [_seen(opened) for opened in seen.get(one.roll_call_id, [])],
        }
        for one in rows.order_by("-roll_call__started_at")[:newest]
    ]


def _seen(one: LastSeen) -> dict[str, Any]:
    return {
        "opened_at": iso(one.opened_at),
        "reason": one.reason,
        "kind": str(one.get_source_display()),
        "at": iso(one.seen_at),
        "where": one.where,
    }


def medical_words(person: Person) -> dict[str, Any] | None:
    """Return what helpers must know of a person outside, and what allows it; None where nothing is kept."""
    held = MedicalWords.objects.filter(person=person).first()
    if held is None:
        return None
    return {
        "said": held.text,
        "basis": str(held.get_basis_display()),
        "recorded_at": iso(held.written_at),
    }
