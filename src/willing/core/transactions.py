"""Transactions and row locks, one way for every action.

PostgreSQL breaks a deadlock by ending one of the two transactions, and it may refuse to put two in an order.
Nothing was written then, so the outermost transaction is run once more before anybody hears of it.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, transaction
from django.db.models import Manager, Model, QuerySet

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)

# PostgreSQL's deadlock_detected and serialization_failure (its manual, appendix A).
_WORTH_ANOTHER_TRY = frozenset({"40P01", "40001"})


def atomic(action: Callable[P, R]) -> Callable[P, R]:
    """Run `action` in a transaction; the outermost one is tried a second time after a deadlock.

    Inside another transaction it is a savepoint, and the outermost is the one that tries again. So what an
    action does beside the database must bear being done twice.
    """

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not transaction.get_connection().in_atomic_block:
            try:
                with transaction.atomic():
                    return action(*args, **kwargs)
            except OperationalError as error:
                if not _is_worth_another_try(error):
                    raise
        with transaction.atomic():
            return action(*args, **kwargs)

    return run


def _is_worth_another_try(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in _WORTH_ANOTHER_TRY


def lock(rows: Manager[M] | QuerySet[M]) -> QuerySet[M]:
    """Return `rows` so that reading them locks them against other writers until the transaction ends.

    Rows that are joined only to be read are not locked, and rows of other tables may go on pointing at a
    locked one. Without either, two tills with nothing in common wait for each other: each sale points at the
    school's row, which the other had locked by joining it.
    """
    return rows.select_for_update(of=("self",), no_key=True)
