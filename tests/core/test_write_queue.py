"""The line of writers: who came first writes first, nobody's place stays behind, and too many are told so."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse
from tests.api.caller import Till
from tests.pages.kiosk.test_access import at
from tests.support.asking import get

from willing.consent.links import sign_link
from willing.core import write_queue
from willing.core.sqlite.base import DatabaseWrapper
from willing.core.write_queue import DatabaseBusy, WriteQueue
from willing.people.guardians import add_guardian
from willing.people.models import School
from willing.till.models import Basket


def start(work: Any) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_for(queue: WriteQueue, *, waiting: int) -> None:
    while len(queue._waiting) != waiting:
        threading.Event().wait(0.001)


def test_whoever_came_first_writes_first() -> None:
    queue, served, threads = WriteQueue(), [], []
    turn = queue.enter()

    def work(number: int) -> None:
        mine = queue.enter()
        served.append(number)
        queue.leave(mine)

    for number in range(20):
        threads.append(start(lambda n=number: work(n)))
        wait_for(queue, waiting=number + 1)
    queue.leave(turn)
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_one_too_many_is_told_at_once_and_the_others_keep_their_place() -> None:
    queue, served = WriteQueue(waiting_max=1), []
    turn = queue.enter()
    waiting = start(lambda: served.append(queue.enter()))
    wait_for(queue, waiting=1)
    with pytest.raises(DatabaseBusy, match="1 writers wait"):
        queue.enter()
    queue.leave(turn)
    waiting.join()
    assert len(served) == 1


def test_whoever_waited_too_long_is_told_and_leaves_no_place_behind() -> None:
    queue = WriteQueue(wait_seconds_max=0.01)
    turn = queue.enter()
    with pytest.raises(DatabaseBusy, match="no turn within"):
        queue.enter()
    queue.leave(turn)
    queue.leave(turn)  # twice is as good as once
    queue.leave(queue.enter())


def test_a_writer_that_is_interrupted_while_it_waits_leaves_no_place_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue = WriteQueue()
    turn = queue.enter()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(write_queue.WriteTurn, "wait", interrupt)
        queue.enter()
    queue.leave(turn)
    queue.leave(queue.enter())


def test_the_turn_of_a_thread_that_died_goes_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "LOOK_SECONDS", 0.01)
    queue = WriteQueue()
    dead: list[Any] = []
    start(lambda: dead.append(queue.enter())).join()
    turn = queue.enter()
    queue.leave(dead[0])  # whatever it left behind ends nobody else's turn
    with pytest.raises(DatabaseBusy):
        WriteQueue.enter(_impatient(queue))
    queue.leave(turn)


def _impatient(queue: WriteQueue) -> WriteQueue:
    queue.waiting_max = 0
    return queue


def line(alias: str) -> WriteQueue:
    found = connections[alias]
    assert isinstance(found, DatabaseWrapper)
    return found.write_queue


@contextmanager
def somebody_writes(*, waiting_max: int = 0) -> Iterator[WriteQueue]:
    """Hold the line of the main database, so that whoever comes is one too many."""
    queue = line("default")
    before, queue.waiting_max = queue.waiting_max, waiting_max
    turn = queue.enter()
    try:
        yield queue
    finally:
        queue.waiting_max = before
        queue.leave(turn)


def is_free() -> bool:
    return line("default")._writing is None


sqlite = pytest.mark.sqlite


@sqlite
def test_transactions_are_served_in_the_order_in_which_they_were_opened(cast: Any) -> None:
    served, threads = [], []

    def work(number: int) -> None:
        with transaction.atomic():
            School.objects.update(name=f"School {number}")
            served.append(number)
        connections.close_all()

    with somebody_writes(waiting_max=99) as queue:
        for number in range(16):
            threads.append(start(lambda n=number: work(n)))
            wait_for(queue, waiting=number + 1)
    for thread in threads:
        thread.join()
    assert served == list(range(16))
    assert is_free()


@sqlite
def test_a_single_write_outside_a_transaction_waits_in_the_same_line(cast: Any) -> None:
    with somebody_writes(), pytest.raises(DatabaseBusy):
        School.objects.update(name="Not written")
    assert School.objects.get().name == "Test School"
    School.objects.update(name="Written")
    assert is_free()


@sqlite
def test_reading_waits_for_nobody(cast: Any) -> None:
    with somebody_writes():
        assert School.objects.get().name == "Test School"


@sqlite
def test_the_keys_have_a_line_of_their_own(cast: Any) -> None:
    assert line("keys") is not line("default")
    with somebody_writes(), transaction.atomic(using="keys"):
        pass


@sqlite
def test_a_transaction_gives_its_turn_back_however_it_ends(cast: Any) -> None:
    def commit() -> None:
        with transaction.atomic(), transaction.atomic():
            School.objects.update(name="Written")

    def fail() -> None:
        with transaction.atomic():
            raise IntegrityError

    def close() -> None:
        with transaction.atomic():
            connection.close()

    def break_a_promise_to_the_foreign_keys() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            cursor.execute("UPDATE terminals_terminal SET school_id = 'nobody'")

    for way, raises in (
        (commit, None),
        (fail, IntegrityError),
        (close, None),
        (break_a_promise_to_the_foreign_keys, IntegrityError),
    ):
        if raises:
            with pytest.raises(raises):
                way()
        else:
            way()
        assert is_free(), way.__name__
        assert not connection.in_atomic_block
    commit()


@sqlite
def test_another_program_that_keeps_the_lock_is_told_by_the_same_name(cast: Any, db: Any) -> None:
    import sqlite3
    from contextlib import closing

    connection.ensure_connection()
    connection.connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(db / "default.sqlite3", isolation_level=None)) as outside:
        outside.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy), transaction.atomic():
            pass
        with pytest.raises(DatabaseBusy):
            School.objects.update(name="Not written")
        outside.execute("ROLLBACK")
    assert is_free()
    with transaction.atomic():
        pass


@sqlite
def test_a_till_of_another_maker_is_told_when_to_try_again_and_nothing_is_charged(cast: Any) -> None:
    till = Till(cast, cast.till)
    with somebody_writes():
        answer = till.post("/baskets", {"lines": [{"product": str(cast.meal.id), "quantity": 1}]}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_busy")
    assert answer["Retry-After"] == "2"
    assert not Basket.objects.exists()
    assert till.basket(cast, key="k1")["total_minor"] == 250


@sqlite
def test_the_till_asks_kindly_to_press_again_and_keeps_its_screen(cast: Any) -> None:
    till = at(cast.till, cast)
    for headers in ({"HX-Request": "true"}, {}):
        with somebody_writes():
            answer = till.post(reverse("kiosk:add"), {"product": cast.meal.id}, headers=headers)
        assert (answer.status_code, answer["Retry-After"]) == (503, "2")
        assert "Please try again; nothing is charged twice." in answer.content.decode()
        assert (answer.get("HX-Retarget") == "#notices") is bool(headers)
    assert not Basket.objects.exists()


@sqlite
def test_a_page_that_could_not_be_opened_offers_itself_again(cast: Any) -> None:
    guardian = add_guardian(cast.person("Ada"), "Gil")  # whose first look at the notice is recorded
    address = f"/family/c/{sign_link(guardian)}/"
    with somebody_writes():
        page = Client().get(address).content.decode()
    assert "One moment, please" in page
    assert f'href="{address}"' in page
    assert "That did not work" not in page


@sqlite
@pytest.mark.parametrize("is_async", [False, True])
def test_a_session_that_cannot_be_kept_is_no_fault_of_ours(cast: Any, settings: Any, is_async: bool) -> None:
    settings.SESSION_SAVE_EVERY_REQUEST = True
    till = at(cast.till, cast)
    with somebody_writes():
        answer = get(till, reverse("kiosk:till"), is_async=is_async)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "One moment, please" in answer.content.decode()
