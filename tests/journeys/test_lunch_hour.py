"""A lunch hour over real HTTP: several tills at once, and devices that ask twice for a lost answer."""

import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from uuid import uuid4

import pytest
from benchmarks.frames import till_frame
from benchmarks.lunch import TILLS, Till, open_school, server, together
from benchmarks.rooms import installation
from tests.support.migrated import give_tables

from willing.face import Engine

pytestmark = [pytest.mark.face, pytest.mark.whole]
SALES = 5


class Stubborn(Till):
    """A till whose every answer gets lost once, so that it asks again under the same key."""

    def ask(self, path, body, key=""):
        key = key or str(uuid4())
        first = super().ask(path, body, key)
        if path.endswith("/frames"):
            return first  # a picture is a new one each time
        again = super().ask(path, body, key)
        assert again == first
        return again


def verified(command, environment):
    arguments = [sys.executable, "-m", "willing.cli", *command]
    return subprocess.run(arguments, env=environment, capture_output=True, check=False).returncode == 0


def test_four_tills_at_once_charge_each_basket_once_and_number_receipts_without_a_gap():
    jpeg = till_frame(Engine.from_default_weights(), "person_b_2")
    with installation() as environment:
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        give_tables(Path(environment["WILLING_HOME"]))
        school = open_school(environment, tills=TILLS, pupils=TILLS * SALES)
        database = Path(environment["WILLING_HOME"]) / "willing.sqlite3"

        def read(statement):
            with closing(sqlite3.connect(database)) as connection:
                return connection.execute(statement).fetchall()

        before = len(read("SELECT id FROM till_sale"))
        with server(environment) as port, ExitStack() as lines:
            tills = [lines.enter_context(closing(Stubborn(port, token))) for token in school["tokens"]]

            def lunch(till, cards):
                def work():
                    for card in cards[:SALES]:
                        till.sell_by_card(school["meal"], card)
                    till.sell_by_face(school["cheapest"], jpeg)

                return work

            together([lunch(till, school["cards"][n::TILLS]) for n, till in enumerate(tills)])
        sales = read("SELECT receipt_number, basket_id, way FROM till_sale ORDER BY receipt_number")
        assert len(sales) == before + TILLS * (SALES + 1)
        assert [number for number, *_ in sales] == list(range(1, len(sales) + 1))
        assert len({basket for _, basket, _ in sales}) == len(sales)
        assert sum(way == "face" for *_, way in sales[before:]) == TILLS
        assert read("SELECT count(*) FROM till_basket WHERE state NOT IN ('paid', 'cancelled')") == [(0,)]
        assert verified(["ledger", "verify"], environment)
        assert verified(["audit", "verify"], environment)
