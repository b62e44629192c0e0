"""After a restore of an older copy no receipt and no Z bears a number that was given out since."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from tests.ops.homes import Home, move_in
from tests.support.till import pay

from willing.audit import journal
from willing.core.running import release_installation
from willing.drawers.actions import require_office_drawer
from willing.drawers.models import Drawer, PayIn, SkippedNumbers
from willing.drawers.pay_ins import Paying, take_at_office
from willing.drawers.queries import open_office_sessions
from willing.drawers.sessions import Close, close_session, count_drawer, open_session
from willing.ops.books_check import verify_books

pytestmark = pytest.mark.sqlite


@pytest.fixture
def home(cast: Any, db: Any, tmp_path: Any, monkeypatch: Any) -> Any:
    found = move_in(db, tmp_path, monkeypatch)
    yield found
    release_installation()
    connections.close_all()


def work_a_day(cast: Any, pay_ins: int) -> tuple[int, int, int]:
    """Sell, take pay-ins and close the office's drawer. Return the last numbers of each."""
    sale = pay(cast, "Carl")
    for _ in range(pay_ins):
        paid = take_at_office(cast.person("Carl"), Paying(500), key=uuid4(), by=None)
    drawer = require_office_drawer(cast.school, by=None)
    assert open_office_sessions(cast.school)
    count_drawer(drawer, drawer.account.__class__.objects.get(pk=drawer.account_id).balance_minor, by=None)
    return sale.receipt_number, paid.number, close_session(drawer, Close(), by=None).z_number or 0


@pytest.mark.parametrize("is_lost", [False, True], ids=["the old database is there", "only the journal is"])
def test_numbers_given_out_after_the_copy_are_not_given_out_again(
    cast: Any, home: Home, is_lost: bool
) -> None:
    assert home.run("journal", home.journal).exit_code == 0
    assert work_a_day(cast, 2) == (1, 2, 1)
    main, keys = home.take()
    assert work_a_day(cast, 3) == (2, 5, 2)
    assert work_a_day(cast, 1) == (3, 6, 3)
    journal.write_marks()
    if is_lost:
        home.lose()
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output
    assert "2 of receipts, 4 of pay-ins, 2 of closed drawers" in done.output

    assert (PayIn.objects.count(), Drawer.objects.get().sessions.count()) == (2, 1)
    assert work_a_day(cast, 1) == (4, 7, 4)
    assert work_a_day(cast, 1) == (5, 8, 5)
    assert [(one.first, one.last) for one in SkippedNumbers.objects.order_by("id")] == [(3, 6), (2, 3)]
    assert verify_books().ok


def test_a_copy_that_knows_all_numbers_leaves_none_out(cast: Any, home: Home) -> None:
    assert home.run("journal", home.journal).exit_code == 0
    work_a_day(cast, 2)
    main, keys = home.take()
    done = home.restore(main, keys)
    assert "0 of receipts, 0 of pay-ins, 0 of closed drawers" in done.output
    assert not SkippedNumbers.objects.exists()
    assert work_a_day(cast, 1) == (2, 3, 2)


def test_a_drawer_that_was_made_after_the_copy_is_no_hindrance(cast: Any, home: Home) -> None:
    assert home.run("journal", home.journal).exit_code == 0
    main, keys = home.take()
    work_a_day(cast, 1)
    done = home.restore(main, keys)
    assert done.exit_code == 0, done.output
    assert "1 of receipts, 1 of pay-ins, 0 of closed drawers" in done.output
    drawer = require_office_drawer(cast.school, by=None)
    open_session(drawer, key=uuid4(), by=None)
    assert verify_books().ok
