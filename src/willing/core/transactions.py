"""Transactions and row locks, one way for every action.

PostgreSQL breaks a deadlock by ending one of the two transactions, and it may refuse to put two in an order.
Nothing was written then, so the outermost transaction is run once more before anyone hears of it.
"""

import functools
import inspect
import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError, transaction
from django.db.models import Manager, Model, QuerySet

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=Model)
Flush = Callable[[Sequence[Any]], object]

# PostgreSQL's deadlock_detected and serialization_failure (its manual, appendix A).
_WORTH_ANOTHER_TRY = frozenset({"40P01", "40001"})


class _Open(threading.local):
    """The outermost transaction of this thread that `atomic` opened: what it does last, in order."""

    last: list[tuple[Flush, Any]] | None = None


_open = _Open()


def atomic(action: Callable[P, R]) -> Callable[P, R]:
    """Run `action` in a transaction; the outermost one is tried a second time after a deadlock.

    Inside another transaction it is a savepoint, and the outermost is the one that tries again. So what an
    action does beside the database must bear being done twice.
    """

    @functools.wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _open.last is not None:
            return _run_inside(action, *args, **kwargs)
        if not transaction.get_connection().in_atomic_block:
            try:
                return _run_outermost(action, *args, **kwargs)
            except OperationalError as error:
                if not _is_worth_another_try(error):
                    raise
        return _run_outermost(action, *args, **kwargs)

    return run


def inside(action: Callable[P, R]) -> Callable[P, R]:
    """Return an `atomic` action to be run in the transaction that is open, without a savepoint of its own.

    For a caller that lets whatever the action raises undo everything: its transaction is the edge.
    """
    plain: Callable[P, R] = inspect.unwrap(action)

    @functools.wraps(plain)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        assert transaction.get_connection().in_atomic_block, "nothing would undo it"
        return plain(*args, **kwargs)

    return run


def savepoint() -> AbstractContextManager[None]:
    """Return a savepoint where a transaction is open, else nothing: one statement alone needs neither."""
    return transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext()


def _run_outermost(action: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    _open.last = []
    try:
        with transaction.atomic():
            result = action(*args, **kwargs)
            do_last_now()
            return result
    finally:
        _open.last = None


def _run_inside(action: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    assert _open.last is not None
    before = list(_open.last)
    try:
        with transaction.atomic():
            return action(*args, **kwargs)
    except BaseException:
        # Undone with the savepoint: what was put off inside it, and what was put off earlier and done in it.
        _open.last[:] = before
        raise


def do_last(flush: Flush, items: Sequence[Any]) -> None:
    """Put `flush(items)` off to the end of the outermost transaction, in one call with others of its kind.

    For the one row that everyone writes: a transaction that locks it last never waits for another row while
    others wait for this one. Outside `atomic` it is done at once.
    """
    if _open.last is None:
        flush(items)
    else:
        _open.last.extend((flush, item) for item in items)


def do_last_now() -> None:
    """Do what was put off so far, for a caller that needs to see it inside the transaction."""
    if not _open.last:
        return
    waiting, _open.last[:] = list(_open.last), []
    for flush, group in itertools.groupby(waiting, key=lambda one: one[0]):
        flush([item for _flush, item in group])


def _is_worth_another_try(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in _WORTH_ANOTHER_TRY


def lock(rows: Manager[M] | QuerySet[M]) -> QuerySet[M]:
    """Return `rows` so that reading them locks them against other writers until the end of the transaction.

    Rows that are joined only to be read are not locked, and rows of other tables may go on pointing at a
    locked one. Without either, two tills with nothing in common wait for each other: each sale points at the
    school's row, which the other had locked by joining it.
    """
    return rows.select_for_update(of=("self",), no_key=True)
