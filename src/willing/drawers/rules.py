"""What a drawer's day follows from: what moved, and whether it can be closed. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Moved(StrEnum):
    """What a transfer was for a drawer."""

    FLOAT = "float"
    DROP = "drop"
    PAY_IN = "pay_in"
    SALE = "sale"
    REFUND = "refund"
    PAY_OUT = "pay_out"
    ROUNDING = "rounding"
    DIFFERENCE = "difference"
    OTHER = "other"


def moved_as(reason: str, amount_minor: int) -> Moved:
    """Return what a transfer was for the drawer that it brought `amount_minor`, or took it (below zero)."""
    if reason == "float":
        return Moved.FLOAT if amount_minor > 0 else Moved.DROP
    known = {
        "topup": Moved.PAY_IN,
        "sale": Moved.SALE,
        "refund": Moved.REFUND,
        "reversal": Moved.REFUND,
        "pay_out": Moved.PAY_OUT,
        "rounding": Moved.ROUNDING,
        "difference": Moved.DIFFERENCE,
    }
    return known.get(reason, Moved.OTHER)


@dataclass(frozen=True)
class DrawerLine:
    """A line of an X or a Z: how often, and how much it brought in (below zero: took out)."""

    moved: Moved
    count: int
    amount_minor: int


def add_up(moves: Iterable[tuple[str, int]]) -> list[DrawerLine]:
    """Return what moved in a drawer by what it was, from (reason, amount) of each transfer."""
    sums: dict[Moved, tuple[int, int]] = {}
    for reason, amount in moves:
        kind = moved_as(reason, amount)
        count, total = sums.get(kind, (0, 0))
        sums[kind] = (count + 1, total + amount)
    return [DrawerLine(kind, *sums[kind]) for kind in Moved if kind in sums]


class DrawerCloseFault(StrEnum):
    """Why a drawer cannot be closed now: it is not counted, nobody says why, more is kept than is there."""

    NONE = ""
    NOT_COUNTED = "not_counted"
    NO_REASON = "no_reason"
    TOO_MUCH_KEPT = "too_much_kept"


def decide_close(
    counted_minor: int | None, expected_minor: int, kept_minor: int, why: str
) -> DrawerCloseFault:
    """Return what is in the way of a close, or NONE. counted_minor: None where no count holds."""
    if counted_minor is None:
        return DrawerCloseFault.NOT_COUNTED
    if counted_minor != expected_minor and not why:
        return DrawerCloseFault.NO_REASON
    return DrawerCloseFault.TOO_MUCH_KEPT if not 0 <= kept_minor <= counted_minor else DrawerCloseFault.NONE
