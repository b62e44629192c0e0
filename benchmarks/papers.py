"""Time what a school prints in August: letters, cards and PIN slips, at the office's own addresses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measure import Row
from benchmarks.rooms import ROOT, START, installation

PUPILS, GUARDIANS = 1_000, 845
CARDS_SECONDS_MAX = 60
# Each press as the office makes it, with everything: rows, log, codes, the process that sets the paper.
_SCHOOL = (
    START
    + """
from willing.keys.set_up import set_up
set_up()
from tests.journeys.seed import sign_in
from willing.accounts.actions import NewUser, add_user
from willing.consent.publishing import publish_notices
from willing.people.guardians import add_guardian
from willing.people.persons import NewPerson, add_person
from willing.people.school import create_school
school = create_school("Willow Brook School", law="england_wales")
publish_notices()
office = add_user(school, NewUser("office", "a long enough phrase", "Rosa Diaz", ("office",)))
for number in range(int(sys.argv[1])):
    pupil = add_person(school, NewPerson("Pupil", f"Number {number}", year=f"Year {7 + number % 7}"))
    if number < int(sys.argv[2]):
        add_guardian(pupil, f"Guardian of {number}")
print(sign_in(office))
"""
)
_PRESS = (
    START
    + """
import json, resource
from uuid import uuid4
from django.test import Client
from willing.people.models import Person
kind, a_run = sys.argv[1], int(sys.argv[2])
office = Client(SERVER_NAME="localhost")
office.cookies["sessionid"] = sys.argv[3]
ids = [str(one) for one in Person.objects.order_by("till_number").values_list("id", flat=True)]
seconds, size = 0.0, 0
for at in range(0, len(ids), a_run):
    began = time.perf_counter()
    chosen = {"all": "1"} if a_run >= len(ids) else {"person": ids[at : at + a_run]}
    answer = office.post(f"/staff/people/print/{kind}/", {"key": uuid4(), **chosen})
    seconds += time.perf_counter() - began
    assert answer["Content-Type"] == "application/pdf", answer.content[:2000]
    size += len(answer.content)
both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
memory = [resource.getrusage(one).ru_maxrss / 1024 for one in both]
print(json.dumps([seconds, size / 1e6, *memory]))
"""
)


def papers() -> Iterator[Row]:
    """Yield what each kind takes, whole: seconds, size, and the memory of the server and of its process."""
    with installation() as environment:
        session = _run(environment, _SCHOOL, str(PUPILS), str(GUARDIANS))
        for kind, count, a_run, most in (
            ("letters", GUARDIANS, PUPILS, None),
            ("cards", PUPILS, PUPILS, CARDS_SECONDS_MAX),
            ("pins", PUPILS, 500, None),  # so many go into a run
        ):
            found = json.loads(_run(environment, _PRESS, kind, str(a_run), session))
            seconds, megabytes, server, process = found
            name = f"{count:,} {'PIN slips' if kind == 'pins' else kind}"
            yield Row("papers", name, seconds, "s", most)
            yield Row("papers", f"{name}, the PDF", megabytes, "MB")
            yield Row("papers", f"{name}, memory of the server's process at most", server, "MB")
            yield Row("papers", f"{name}, memory of the process that sets them at most", process, "MB")


def _run(environment: dict[str, str], code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"the papers broke off: {done.stderr[-2000:]}")
    return done.stdout.splitlines()[-1]
