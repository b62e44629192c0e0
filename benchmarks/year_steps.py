"""What `year` runs in processes of its own: build the year, then ask for its pages."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "willing.config.settings"
django.setup()

from django.db import transaction  # noqa: E402  (Django must be set up first)
from django.test import Client  # noqa: E402
from tests.audit.bench_verify import CHUNK, make  # noqa: E402
from tests.support.books import build_books  # noqa: E402
from tests.support.school import PASSWORD  # noqa: E402
from tests.support.signing import give_factors, sign_in  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.accounts.sign_ins import accept_invitation, invite_guardian  # noqa: E402
from willing.audit.actions import record_many  # noqa: E402
from willing.books.counting import count_days  # noqa: E402
from willing.books.models import CountedDay  # noqa: E402
from willing.consent.publishing import publish_notices  # noqa: E402
from willing.core.clock import now  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.pages.kiosk.access import COOKIE  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.models import Person  # noqa: E402
from willing.people.queries import require_school, today  # noqa: E402
from willing.terminals.devices import Device  # noqa: E402
from willing.terminals.models import Terminal  # noqa: E402
from willing.terminals.pairing import pair_terminal, start_pairing  # noqa: E402
from willing.till.models import Sale  # noqa: E402
from willing.till.tills import pair_till  # noqa: E402

RUNS = 7
ROLES = ("cashier", "office", "canteen", "dpo", "administrator")
STAFF = (
    "", "staff/today/", "staff/money/", "staff/money/month/", "staff/money/tax/", "staff/menu/",
    "staff/people/", "staff/people/?q=pupil+77", "staff/people/classes/", "staff/enrol/", "staff/faces/",
    "staff/reports/",
    "staff/terminals/", "staff/calendar/", "staff/limits/", "staff/staff/", "staff/data-protection/",
    "staff/data-protection/assessment/", "staff/mail/", "staff/settings/", "staff/health/", "staff/log/",
    "staff/ways/", "staff/no/?q=pupil",
)  # fmt: skip
REPORTS = ("product", "category", "way", "hour", "class", "meal", "tax", "refunded")


def build(sales: int) -> dict[str, Any]:
    """Build the year until yesterday, with an entry of the log for each sale; return what the pages need."""
    set_up()
    build_books(sales * 100 // 88, until=now() - timedelta(days=1))
    school = require_school()
    publish_notices()
    for start in range(0, sales, CHUNK):
        with transaction.atomic():
            record_many([make(number) for number in range(start, min(start + CHUNK, sales))])
    add_user(school, NewUser("all", PASSWORD, "All", ROLES))
    give_factors()
    person = Person.objects.order_by("till_number").first()
    assert person is not None
    guardian = add_guardian(person, "Gus")
    accept_invitation(invite_guardian(guardian, by=None), username="guardian", password=PASSWORD)
    started = time.perf_counter()
    count_days(school)
    counting_s = time.perf_counter() - started
    return {
        "sales": Sale.objects.count(),
        "days": CountedDay.objects.count(),
        "counting_s": counting_s,
        "person": str(person.id),
    }


def pages(known: dict[str, Any]) -> dict[str, list[float]]:
    """Return how long each page took, in milliseconds, run by run."""
    school = require_school()
    day = today(school)
    month, last = day.replace(day=1), day - timedelta(days=1)
    staff = sign_in(_client(), User.objects.get(username="all"))
    family = sign_in(_client(), User.objects.get(username="guardian"))
    terminal = Terminal.objects.get()
    api = _client(HTTP_AUTHORIZATION=f"Bearer {_pair(terminal)}")
    asked = [(staff, f"/{path}") for path in STAFF]
    asked += [(staff, f"/staff/today/?day={last}"), (staff, f"/staff/people/{known['person']}/")]
    asked += [(staff, f"/staff/people/{known['person']}/everything/")]
    year = f"first={day - timedelta(days=364)}&last={day}"
    for by in REPORTS:
        asked.append((staff, f"/staff/money/sales/?by={by}&first={month - timedelta(days=31)}&last={day}"))
        asked.append((staff, f"/staff/money/sales/?by={by}&{year}"))
    asked.append((staff, f"/staff/money/sales/file.csv?by=product&{year}"))
    asked += [(family, "/family/"), (family, f"/family/child/{known['person']}/")]
    asked += [(family, f"/family/child/{known['person']}/data/")]
    asked += [(api, f"/api/v1{path}") for path in ("/terminal", "/menu", "/sales", f"/days/{last}")]
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
