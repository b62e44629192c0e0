"""What `year` runs in processes of its own: build the year, then ask for its pages."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
django.setup()

from django.db import connection, transaction  # noqa: E402  (Django must be set up first)
from django.test import Client  # noqa: E402
from tests.audit.bench_verify import CHUNK, make  # noqa: E402
from tests.support.books import build_books  # noqa: E402
from tests.support.school import PASSWORD  # noqa: E402
from tests.support.signing import give_factors, sign_in  # noqa: E402
from tests.support.year import api_pages, family_pages, staff_pages  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.accounts.sign_ins import accept_invitation, invite_guardian  # noqa: E402
from willing.audit.actions import record_many  # noqa: E402
from willing.books.counting import count_days  # noqa: E402
from willing.books.models import CountedDay  # noqa: E402
from willing.consent.publishing import publish_notices  # noqa: E402
from willing.core.clock import now  # noqa: E402
from willing.core.sqlite.planner import refresh_planner  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.meals.counting import count_served  # noqa: E402
from willing.pages.kiosk.access import COOKIE  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.models import Person  # noqa: E402
from willing.people.queries import require_school, today  # noqa: E402
from willing.terminals.devices import Device  # noqa: E402
from willing.terminals.models import Terminal  # noqa: E402
from willing.terminals.pairing import pair_terminal, start_pairing  # noqa: E402
from willing.till.counting import count_sold  # noqa: E402
from willing.till.models import Sale  # noqa: E402
from willing.till.tills import pair_till  # noqa: E402

RUNS = 7
SAID_EVERY_SECONDS = 10
ROLES = ("cashier", "office", "canteen", "dpo", "administrator")


def build(sales: int) -> dict[str, Any]:
    """Build the year until yesterday, with an entry of the log for each sale; return what the pages need."""
    set_up()
    progress = Progress(sales)
    build_books(sales * 100 // 88, until=now() - timedelta(days=1))
    progress.say("sales, lines, transfers")
    school = require_school()
    publish_notices()
    for start in range(0, sales, CHUNK):
        with transaction.atomic():
            record_many([make(number) for number in range(start, min(start + CHUNK, sales))])
        progress.count(min(start + CHUNK, sales))
    progress.say("log")
    _look_at_tables()
    add_user(school, NewUser("all", PASSWORD, "All", ROLES))
    give_factors()
    person = Person.objects.order_by("till_number").first()
    assert person is not None
    guardian = add_guardian(person, "Gus")
    accept_invitation(invite_guardian(guardian, by=None), username="guardian", password=PASSWORD)
    started = time.perf_counter()
    count_days(school)
    counting_s = time.perf_counter() - started
    count_served(school)
    count_sold(school)
    progress.say("days added up")
    _look_at_tables()
    return {
        "sales": Sale.objects.count(),
        "days": CountedDay.objects.count(),
        "counting_s": counting_s,
        "person": str(person.id),
    }


class Progress:
    """Says on the standard error how far the building is: what is done, how long it took, how fast."""

    def __init__(self, sales: int) -> None:
        self._sales, self._since, self._said_at = sales, time.perf_counter(), time.perf_counter()

    def say(self, what: str) -> None:
        """Say that a part is done; the next one begins."""
        seconds = time.perf_counter() - self._since
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rate = self._sales / max(seconds, 0.001)
        line = f"  {what}: {seconds:.1f} s ({rate:,.0f} a second), at most {peak_mb} MB"
        print(line, file=sys.stderr, flush=True)
        self._since = time.perf_counter()

    def count(self, done: int) -> None:
        """Say every few seconds how much of a part is done."""
        if time.perf_counter() - self._said_at > SAID_EVERY_SECONDS:
            print(f"  … {done:,} of {self._sales:,}", file=sys.stderr, flush=True)
            self._said_at = time.perf_counter()


def _look_at_tables() -> None:
    """Let the database know its tables, as a server's thread and PostgreSQL's own do in time."""
    refresh_planner()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def pages(known: dict[str, Any]) -> dict[str, list[float]]:
    """Return how long each page took, in milliseconds, run by run."""
    school = require_school()
    day = today(school)
    staff = sign_in(_client(), User.objects.get(username="all"))
    family = sign_in(_client(), User.objects.get(username="guardian"))
    terminal = Terminal.objects.get()
    api = _client(HTTP_AUTHORIZATION=f"Bearer {_pair(terminal)}")
    asked = [(staff, path) for path in staff_pages(day, known["person"])]
    asked += [(family, path) for path in family_pages(known["person"], day)]
    asked += [(api, path) for path in api_pages(day)]
    times = {_label(path, known["person"]): _time(client, path) for client, path in asked}
    till = sign_in(_client(), User.objects.get(username="all"))
    till.cookies[COOKIE] = pair_till(start_pairing(terminal), key=str(uuid4()), device=Device.KIOSK).token
    times["/till/"] = _time(till, "/till/")
    return times


def _client(**headers: str) -> Client:
    return Client(SERVER_NAME="localhost", **headers)


def _pair(terminal: Terminal) -> str:
    return pair_terminal(start_pairing(terminal), key=str(uuid4())).token


def _label(path: str, person: str) -> str:
    return path.replace(person, "…")


def _time(client: Client, path: str) -> list[float]:
    found = []
    for place in range(RUNS + 1):
        started = time.perf_counter()
        answer = client.get(path)
        if place:  # the first one reads templates and compiles queries
            found.append((time.perf_counter() - started) * 1e3)
        assert answer.status_code == 200, (path, answer.status_code)
    return found


if __name__ == "__main__":
    step, argument = sys.argv[1:]
    result = build(int(argument)) if step == "build" else pages(json.loads(argument))
    print(json.dumps(result))
