"""Kill the worker at each moment of sending messages about absence that counts, and start it again.

Run as a process of its own, `python -m tests.attendance.dying_messages PORT`, with $WILLING_HOME of an
installation that has a school: PORT is that of a mail server of the test's. Each attempt is a school day with
two pupils absent, one whose guardian gets e-mail and one who is reached by a port, and a fork of this process
that is killed at its boundary; another one begins the worker again. One JSON line for each says what was
found. How many boundaries there are, it finds out.
"""

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.support.absences import close_with_absences  # noqa: E402  (after Django is set up)
from tests.support.clocks import stopped_at  # noqa: E402
from tests.support.dying import Work, fork  # noqa: E402
from tests.till.boundaries import Boundaries  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.attendance import contacting  # noqa: E402
from willing.attendance.message_models import ContactTry, MessageRun  # noqa: E402
from willing.attendance.message_ports import PortMessage, register_port  # noqa: E402
from willing.attendance.messages import advance_runs_here, stage_messages  # noqa: E402
from willing.attendance.queries import groups_of  # noqa: E402
from willing.attendance.registers import open_register  # noqa: E402
from willing.attendance.set_up import NewSettings, NewTime, add_class_groups, set_attendance  # noqa: E402
from willing.audit.verify_database import verify_log  # noqa: E402
from willing.core.paths import home  # noqa: E402
from willing.jobs.actions import run_due  # noqa: E402
from willing.jobs.models import Job  # noqa: E402
from willing.mail import outbox  # noqa: E402
from willing.mail.sending import NewServer, send_draft, set_mail_server  # noqa: E402
from willing.people.guardians import add_guardian  # noqa: E402
from willing.people.models import Guardian, Person, School  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import set_public_address  # noqa: E402

FIRST_DAY = date(2030, 1, 7)
HALVES = (NewTime("Morning", time(8, 50)), NewTime("Afternoon", time(13)))
TELEPHONE = "0700 900123"
OTHERS = 60  # so that two are below the cap


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment of a day at the school."""
    return datetime.combine(day, time(hour, minute), UTC)


class Pigeon:
    """A port that keeps in a file which message it was given."""

    name, label, is_free = "pigeon", "Pigeon", True

    def __init__(self, file: Path) -> None:
        self.file = file
        self.boundaries: Boundaries | None = None

    def reaches(self, telephone: str) -> bool:
        """Fly to one telephone."""
        return telephone == TELEPHONE

    def send(self, message: PortMessage) -> bool:
        """Fly, or die before the flight or after it."""
        if self.boundaries:
            self.boundaries.passed("before the port")
        with self.file.open("a") as file:
            file.write(f"{message.id}\n")
        if self.boundaries:
            self.boundaries.passed("after the port")
        return True

    def flown(self) -> list[str]:
        """Return the messages that were given to the port, in their order."""
        return self.file.read_text().split() if self.file.exists() else []


class Commits(Boundaries):
    """Counts what others can see: commits, statements that are a transaction of their own, what is sent.

    Where in a transaction a process dies makes no difference to anyone: nothing of it has happened.
    """

    def _before_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if context["connection"].in_atomic_block or not sql.startswith(("DELETE", "INSERT", "UPDATE")):
            return execute(sql, params, many, context)
        self.passed(f"before {sql[:70]}")
        answer = execute(sql, params, many, context)
        self.passed(f"after {sql[:70]}")
        return answer


class Morning:
    """The school of every attempt: a class of three, one of whom is there each morning."""

    def __init__(self, port: int) -> None:
        self.school = School.objects.get()
        self.school.time_zone = "UTC"
        self.school.save()
        with stopped_at(at(FIRST_DAY - timedelta(days=1), 12)):
            self._fill(port)
        self.pigeon = Pigeon(home() / "pigeons")
        register_port(self.pigeon)

    def _fill(self, port: int) -> None:
        self.office = add_user(self.school, NewUser("dying", "four quite ordinary words", "Olu", ("office",)))
        set_public_address(self.school, "https://lunch.example.org")
        server = NewServer(host="127.0.0.1", port=port, encryption="none", sender="lunch@school.example")
        set_mail_server(self.school, server, by=self.office)
        self.here, ada, wes = (
            add_person(self.school, NewPerson(one, "Fault", year="9Z")) for one in ("Bo", "Ada", "Wes")
        )
        add_guardian(ada, "Mia", email="mia@example.org")
        una = add_guardian(wes, "Una")
        Guardian.objects.filter(pk=una.pk).update(phone=TELEPHONE)
        Person.objects.bulk_create(
            Person(school=self.school, given_name=f"P{one}", till_number=50_000 + one)
            for one in range(OTHERS)
        )
        set_attendance(self.school, NewSettings("england_2024", 30, HALVES), by=self.office)
        add_class_groups(self.school, by=self.office)
        self.group = next(one for one in groups_of(self.school) if one.title == "9Z")

    def hold(self, day: date) -> MessageRun:
        """Let messages about a day be held whose ten minutes are over with the worker's next look."""
        by = User.objects.get(pk=self.office.pk)
        with stopped_at(at(day, 8, 50)):
            register = open_register(self.school, self.group.id, day, 1, by=by)
        close_with_absences(register, [self.here], by=by)
        with stopped_at(at(day, 9, 20)):
            run = stage_messages(self.school, day, 1, by=by)
        assert run.state == "held", run.state
        MessageRun.objects.filter(pk=run.pk).update(seconds_left=5)
        return run


def send_and_die(morning: Morning, day: date, die_at: int | None) -> Work:
    """Do the worker's rounds, and die at a boundary."""

    def work(tell: Callable[[dict[str, Any]], None]) -> None:
        boundaries = Commits(die_at, lambda name: tell({"died": name}))
        morning.pigeon.boundaries = boundaries

        def between(*args: Any) -> None:
            boundaries.passed("before the mail server")
            send_draft(*args)
            boundaries.passed("after the mail server")

        mock.patch.object(outbox, "send_draft", between).start()
        boundaries.watch()
        with stopped_at(at(day, 9, 30)):
            advance_runs_here()
        # In one order each time, so that no moment is passed over from one attempt to the next.
        Job.objects.filter(kind=contacting.JOB).update(due_at=at(day, 9, 31))
        with stopped_at(at(day, 9, 31)):
            run_due()
        tell({"boundaries": boundaries.count})

    return work


def start_again(run: MessageRun, day: date) -> Work:
    """Begin the worker anew, let it do all that is left, and look."""

    def work(tell: Callable[[dict[str, Any]], None]) -> None:
        found = {"left": _look(run)}
        for minute in (32, 34, 36):
            with stopped_at(at(day, 9, minute)):
                advance_runs_here()
                run_due()
        found["then"] = _look(run)
        tell({**found, "jobs": Job.objects.count()})

    return work


def _look(run: MessageRun) -> dict[str, Any]:
    tries = ContactTry.objects.filter(message__run=run)
    return {
        "run": MessageRun.objects.get(pk=run.pk).state,
        "tries": dict(tries.values_list("channel", "state").order_by("channel")),
        "mails": [str(one) for one in tries.filter(channel="mail").values_list("mail_id", flat=True)],
        "port": [str(one) for one in tries.filter(channel="pigeon").values_list("id", flat=True)],
    }


def attempts(port: int) -> Iterator[dict[str, Any]]:
    """Yield what each attempt came to; the first dies nowhere, and the last passes every boundary."""
    morning = Morning(port)
    gc.freeze()  # what no collection touches, no fork has to copy
    die_at = 0
    while True:
        day = FIRST_DAY + timedelta(days=die_at)
        run = morning.hold(day)
        told, killed = fork(send_and_die(morning, day, die_at or None))
        found, _ = fork(start_again(run, day))
        died = next((line["died"] for line in told if "died" in line), "")
        flown = [one for one in morning.pigeon.flown() if one in found[0]["then"]["port"]]
        is_last = bool(die_at and not killed)
        faults = [one.code for one in verify_log().faults] if is_last else []
        yield {"die_at": die_at, "died": died, "killed": killed, "flown": len(flown), "log": faults} | found[
            0
        ]
        if is_last:
            return
        die_at += 1


if __name__ == "__main__":
    for line in attempts(int(sys.argv[1])):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
