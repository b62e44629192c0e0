"""Kill a process at each statement boundary of a sale in turn, start again, and let the till ask again.

Run as a process of its own, `python -m tests.till.dying_sales`, with $WILLING_HOME of an installation that
has a school: it prints one JSON line for each boundary, with what it found after the till asked again. Every
attempt is a fork of this process, which has one thread, no open connection and no face engine. All happens in
one installation, so each sale begins with what the deaths before it left. How many statements a sale has, it
finds out.
"""

import gc
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.test import Client  # noqa: E402  (after Django is set up)
from tests.support.dying import Work, fork  # noqa: E402
from tests.support.money import pay_in  # noqa: E402
from tests.support.spending import grant_sum  # noqa: E402
from tests.till.boundaries import Boundaries  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.audit.actions import record_now  # noqa: E402
from willing.audit.models import Entry, Head  # noqa: E402
from willing.audit.tree import LEVELS  # noqa: E402
from willing.audit.verify_database import verify_log  # noqa: E402
from willing.config import startup  # noqa: E402
from willing.core.transactions import atomic  # noqa: E402
from willing.credentials.cards import issue_card  # noqa: E402
from willing.ledger.models import Transfer  # noqa: E402
from willing.ledger.queries import available_minor, verify_ledger  # noqa: E402
from willing.people.models import Person, School  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.terminals.actions import NewTerminal, add_terminal  # noqa: E402
from willing.terminals.pairing import pair_terminal, start_pairing  # noqa: E402
from willing.till.menu_models import Product  # noqa: E402
from willing.till.models import Sale  # noqa: E402

PAID_IN, ALLOWANCE = 5000, 100  # the school carries a part of the meal: two accounts are debited


@dataclass(frozen=True)
class Lunch:
    """One sale, as the till keeps it in mind: who pays, and the keys of its three requests."""

    number: int
    pupil: str
    card: str
    keys: tuple[str, str, str]


class Till:
    """A paired till that repeats a request under its key until it is answered."""

    def __init__(self) -> None:
        school = School.objects.get()
        terminal = add_terminal(school, NewTerminal("Dying", ways=("card", "pin", "staff")))
        self.token = pair_terminal(start_pairing(terminal), key=str(uuid4())).token
        products = Product.objects.filter(school=school, is_on_sale=True)
        chosen = (products.filter(is_main_meal=True).first(), products.filter(is_main_meal=False).first())
        assert all(chosen), "the school sells a meal and something else"
        self.lines = [{"product": str(one.id), "quantity": 2} for one in chosen if one]
        self.client = Client()
        self.office = add_user(school, NewUser("dying", "four quite ordinary words", "Olu Fox", ("office",)))

    def next_lunch(self, number: int) -> Lunch:
        """Return the sale of a new pupil with money, a card and an allowance."""
        pupil = add_person(School.objects.get(), NewPerson(f"Dying {number}", "Fault", year="7A"))
        pay_in(pupil, PAID_IN, key=uuid4())
        grant_sum(pupil, ALLOWANCE, by=self.office)
        keys = (str(uuid4()), str(uuid4()), str(uuid4()))
        lunch = Lunch(number, str(pupil.id), issue_card(pupil), keys)
        _align_log()
        return lunch

    def ask(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        """Return the answer to one write."""
        answer = self.client.post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key, "Host": "localhost"},
        )
        said = json.loads(answer.content)
        assert answer.status_code < 300, f"{path} answered {answer.status_code} {said.get('code')}"
        return dict(said)

    def requests(self, lunch: Lunch, answered: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Ask for what was not answered yet, and yield each answer."""
        answers = list(answered)
        for place, key in enumerate(lunch.keys):
            if place < len(answered):
                continue
            said = self.ask(*self._request(place, lunch, answers), key)
            answers.append(said)
            yield said

    def _request(self, place: int, lunch: Lunch, answers: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        if place == 0:
            return "/baskets", {"lines": self.lines}
        if place == 1:
            return f"/baskets/{answers[0]['id']}/identify", {"way": "card", "code": lunch.card}
        return f"/baskets/{answers[0]['id']}/confirm", {"total_minor": answers[0]["total_minor"]}


@atomic
def _align_log() -> None:
    """Let the sale's own entry complete a row of the log's tree.

    Only such an entry writes nodes: the boundaries of one sale would not be those of the next.
    """
    while (Head.objects.get(id=1).sequence + 1) % (1 << LEVELS):
        record_now("databases.checked", subject=None, facts={}, personal={})


def sell_and_die(till: Till, lunch: Lunch, die_at: int | None) -> Work:
    """Sell, and die at a boundary. Each answer is told as the till hears it."""

    def work(tell: Callable[[dict[str, Any]], None]) -> None:
        boundaries = Boundaries(die_at, lambda name: tell({"died": name}))
        boundaries.watch()
        for said in till.requests(lunch, []):
            boundaries.passed("before the answer")
            tell({"answer": said})
        tell({"boundaries": boundaries.count})

    return work


def start_again(till: Till, lunch: Lunch, answered: list[dict[str, Any]], *, tidies_first: bool) -> Work:
    """Start anew, ask for what was not answered, and look.

    tidies_first: the start's own repairs come before the till, otherwise after it.
    """

    def work(tell: Callable[[dict[str, Any]], None]) -> None:
        if tidies_first:
            startup._tidy_up()
        sale = [*answered, *till.requests(lunch, answered)][-1]
        for key in (lunch.keys[2], str(uuid4())):
            again = till.ask(f"/baskets/{sale['basket']}/confirm", {"total_minor": sale["total_minor"]}, key)
            assert again == sale, f"pressed once more, the till was told {again}"
        if not tidies_first:
            startup._tidy_up()
        tell(_look(lunch, sale))

    return work


def _look(lunch: Lunch, sale: dict[str, Any]) -> dict[str, Any]:
    """Return what there is of a sale, and what the verifiers say."""
    pupil = Person.objects.get(pk=lunch.pupil)
    log, ledger = verify_log(), verify_ledger()
    events = Counter(Entry.objects.filter(subject=pupil.pk).values_list("event", flat=True))
    moved = Transfer.objects.filter(reference=sale["id"], kind="posted")
    return {
        "sale": {name: sale[name] for name in ("receipt_number", "total_minor")},
        "sales": Sale.objects.filter(person=pupil).count(),
        "spent": PAID_IN - available_minor(pupil),
        "moved": sorted(moved.values_list("debit__kind", "amount_minor")),
        "events": dict(sorted(events.items())),
        "ledger_ok": ledger.ok,
        "log_faults": [f"entry {one.sequence} {one.code}" for one in log.faults],
    }


def _warm_up(till: Till) -> None:
    """Sell once in this process, so that no fork has to import, compile and hash anew."""
    lunch = till.next_lunch(-1)
    list(till.requests(lunch, []))
    startup._tidy_up()
    gc.freeze()  # what no collection touches, no fork has to copy


def attempts() -> Iterator[dict[str, Any]]:
    """Yield what each attempt came to; the first dies nowhere, and the last passes every boundary."""
    till = Till()
    _warm_up(till)
    die_at = 0
    while True:
        lunch = till.next_lunch(die_at)
        told, killed = fork(sell_and_die(till, lunch, die_at or None))
        answered = [line["answer"] for line in told if "answer" in line]
        found, _ = fork(start_again(till, lunch, answered, tidies_first=die_at % 2 == 0))
        died = [line["died"] for line in told if "died" in line]
        yield {"die_at": die_at, "answered": len(answered), "died": died, "killed": killed, **found[0]}
        if die_at and not killed:
            return
        die_at += 1


if __name__ == "__main__":
    for line in attempts():
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
