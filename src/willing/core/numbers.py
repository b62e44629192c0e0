"""The order in which things were recorded: a number for each owner, counted from 1.

A wall clock can be set back and an id can be handed out before another transaction commits, so neither shows
what came last. Where a later word takes the place of an earlier one, the row carries such a number.
"""

from typing import Any

from django.db.models import Max, QuerySet

from willing.core.comparison import fold_code


def next_number(rows: QuerySet[Any]) -> int:
    """Return the number after the last of `rows`, all of one owner.

    Call it while the owner's row is locked. A unique constraint on owner and number is the last line of
    defence.
    """
    return (rows.aggregate(last=Max("number"))["last"] or 0) + 1


def read_number(text: str, *, digits_max: int) -> int | None:
    """Return the whole number that someone typed, in any width; None where it is none, or too long."""
    number = fold_code(text)
    is_number = number.isascii() and number.isdigit() and len(number) <= digits_max
    return int(number) if is_number else None
