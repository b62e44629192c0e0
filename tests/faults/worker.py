"""A process of the school that does deeds by name: one JSON line in, one JSON line out.

It stands for what runs beside the server: the office's commands, the nightly job, somebody with the disk in
their hands. Each deed is a function of this module whose name does not begin with an underscore.
"""

import base64
import json
import os
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.db import connections  # noqa: E402  (after Django is set up)
from django.db.models import F  # noqa: E402
from tests.faults import clock  # noqa: E402
from tests.support.unlock import sign_what_is_read  # noqa: E402

from willing.accounts.models import User  # noqa: E402
from willing.audit import tree  # noqa: E402
from willing.audit.actions import sign_log  # noqa: E402
from willing.audit.encoding import GENESIS, chain, hash_entry  # noqa: E402
from willing.audit.models import Entry, Head  # noqa: E402
from willing.audit.models import Node as TreeNode  # noqa: E402
from willing.audit.verify.merkle import CompactRange, HashedSubtree  # noqa: E402
from willing.audit.verify_database import verify_log  # noqa: E402
from willing.biometrics.capture import add_capture_frame, finish_capture, start_capture  # noqa: E402
from willing.biometrics.consent_changes import record_consent, record_refusal  # noqa: E402
from willing.biometrics.models import Template  # noqa: E402
from willing.biometrics.queries import usable_template  # noqa: E402
from willing.consent.decisions import NewDecision  # noqa: E402
from willing.consent.queries import permission, require_notice  # noqa: E402
from willing.core.errors import Refused  # noqa: E402
from willing.credentials.cards import find_card_owner, revoke_cards  # noqa: E402
from willing.keys.models import PersonKey  # noqa: E402
from willing.ledger.models import Transfer  # noqa: E402
from willing.ledger.queries import verify_ledger  # noqa: E402
from willing.people.models import Guardian, Person, School  # noqa: E402
from willing.privacy.retention_job import run_retention  # noqa: E402
from willing.till.models import Basket, Sale  # noqa: E402


def hello() -> str:
    """Answer, so that the harness knows that the process is there."""
    return "hello"


def inspect(promised: dict[str, Any], missing: list[int]) -> list[str]:
    """Return what does not hold: money, receipts, log, files.

    promised: receipt number and sum by basket. missing: receipts that a restored copy cannot hold.
    """
    return [*_damaged(), *_ledger(), *_log(), *_receipts(missing), *_once(promised)]


def _damaged() -> list[str]:
    found = []
    for alias in ("default", "keys"):
        if connections[alias].vendor == "sqlite":
            with connections[alias].cursor() as cursor:
                said = [row[0] for row in cursor.execute("PRAGMA integrity_check").fetchall()]
            found += [f"integrity check of {alias}: {one}" for one in said if one != "ok"]
    return found


def _ledger() -> list[str]:
    check = verify_ledger()
    return [] if check.ok else [f"ledger verify: {len(check.mismatches)} balances are wrong"]


def _log() -> list[str]:
    return [f"audit verify: entry {one.sequence} {one.code}" for one in verify_log().faults]


def _receipts(missing: list[int]) -> list[str]:
    """Receipts are 1, 2, 3 … without a gap."""
    numbers = sorted(Sale.objects.values_list("receipt_number", flat=True))
    expected = [number for number in range(1, len(numbers) + len(missing) + 1) if number not in missing]
    return [] if numbers == expected else [f"receipts have a gap: {numbers[-9:]}"]


def _once(promised: dict[str, Any]) -> list[str]:
    """Every basket that a till was told is paid was charged once, with that receipt and that sum."""
    found = []
    for basket, (receipt, total) in promised.items():
        sales = list(Sale.objects.filter(basket=UUID(basket)))
        if [(sale.receipt_number, sale.total_minor) for sale in sales] != [(receipt, total)]:
            found.append(f"basket {basket}: promised receipt {receipt}, found {len(sales)} sales")
    for sale in Sale.objects.all():
        charged = sale.wallet_minor + sale.entitled_minor + sale.carried_minor
        moved = Transfer.objects.filter(reference=sale.id, reason=Transfer.Reason.SALE)
        if charged != sale.total_minor or sum(one.amount_minor for one in moved) != charged:
            found.append(f"sale {sale.id}: charged {charged}, sold for {sale.total_minor}")
    paid = Basket.objects.filter(state="paid").count()
    if paid != Sale.objects.count():
        found.append("paid baskets and sales differ in number")
    return found


def faces() -> dict[str, Any]:
    """Return by given name who has a template, whether it may be used, and how many keys live."""
    held = Template.objects.select_related("person")
    return {
        "templates": {one.person.given_name: bool(_usable(one.person)) for one in held},
        "granted": [one.given_name for one in Person.objects.all() if permission(one, "canteen").granted],
        "keys": PersonKey.objects.count(),
        "without_key": [one.person.given_name for one in held if not _has_key(one)],
    }


def _usable(person: Person) -> Template | None:
    return usable_template(person, "canteen") if permission(person, "canteen").granted else None


def _has_key(template: Template) -> bool:
    return PersonKey.objects.filter(pk=template.key_id).exists()


def refuse(person: str, by: int) -> bool:
    """Record a person's own No at the desk. Return whether a face was erased by it."""
    said = record_refusal(Person.objects.get(pk=person), None, by=User.objects.get(pk=by))
    return said.erasure is not None


def withdraw(person: str, guardian: str) -> bool:
    """Record a guardian's withdrawal. Return whether a face was erased by it."""
    decided = record_consent(_word(person, guardian, "withdrawn"))
    return decided.erasure is not None


def agree(person: str, guardian: str) -> None:
    """Record a guardian's yes."""
    record_consent(_word(person, guardian, "yes"))


def _word(person: str, guardian: str, answer: str) -> NewDecision:
    notice = require_notice("canteen", "adult", "en")
    return NewDecision(
        Person.objects.get(pk=person),
        "canteen",
        answer,
        notice,
        "link",
        guardian=Guardian.objects.get(pk=guardian),
    )


def enrol(person: str, pictures: list[str], by: int) -> str:
    """Enrol at the desk. Return `enrolled`, or the code of the refusal."""
    try:
        return finish(capture(person, pictures, by), by)
    except Refused as refused:
        return refused.code


def capture(person: str, pictures: list[str], by: int) -> str:
    """Take pictures at the desk. Return the capture's id."""
    user = User.objects.get(pk=by)
    begun = start_capture(Person.objects.get(pk=person), "canteen", user=user)
    for picture in pictures:
        add_capture_frame(begun, base64.b64decode(picture), user=user)
    return str(begun)


def finish(capture: str, by: int) -> str:
    """Enrol from the pictures taken. Return `enrolled`, or the code of the refusal."""
    try:
        finish_capture(UUID(capture), user=User.objects.get(pk=by))
    except Refused as refused:
        return refused.code
    return "enrolled"


def owner(card: str) -> str:
    """Return who would pay with this card, or nothing."""
    found = find_card_owner(Person.objects.first().school, card)
    return found.given_name if found else ""


def revoke(person: str) -> int:
    """Revoke the cards of a person."""
    return revoke_cards(Person.objects.get(pk=person))


def sweep() -> dict[str, Any]:
    """Run the nightly job, hours after everything else: a key made just now may await its template."""
    PersonKey.objects.update(created_at=F("created_at") - timedelta(hours=3))
    return dict(run_retention().as_facts())


def sign_assessment() -> None:
    """Let the data protection officer sign the assessment anew, on the day that the clock says."""
    sign_what_is_read(School.objects.get(), User.objects.get(roles__kind="dpo"))


def sign() -> int:
    """Sign the log as it is now."""
    return int(sign_log().size)


def last_receipt() -> int:
    """Return the highest receipt number."""
    newest = Sale.objects.exclude(receipt_number__isnull=True).order_by("-receipt_number").first()
    return int(newest.receipt_number or 0) if newest else 0


def log_faults() -> list[str]:
    """Return what the verification of the log finds."""
    return _log()


def rewrite(sequence: int) -> None:
    """Write another history from an entry on, with every hash, the tree and the log's end made to fit."""
    head = Head.objects.get(id=1)
    previous = Entry.objects.filter(sequence=sequence - 1).first()
    chain_hash, edge, nodes = (
        bytes(previous.chain_hash) if previous else GENESIS,
        CompactRange(),
        list[HashedSubtree](),
    )
    for entry in Entry.objects.order_by("sequence"):
        if entry.sequence == sequence:
            entry.hashed = bytes(entry.hashed).replace(b'"event":"', b'"event":"un')
            entry.event = f"un{entry.event}"
        if entry.sequence >= sequence:
            entry.entry_hash = hash_entry(bytes(entry.hashed))
            chain_hash = entry.chain_hash = chain(chain_hash, entry.entry_hash)
            entry.save()
        nodes += edge.append(bytes(entry.entry_hash))
    TreeNode.objects.all().delete()
    tree.store(nodes)
    head.chain_hash, head.peaks = chain_hash, edge.to_bytes()
    head.save()


def _answer(line: str) -> dict[str, Any]:
    asked = json.loads(line)
    name = asked.pop("do")
    assert not name.startswith("_")
    try:
        return {"answer": globals()[name](**asked)}
    except Exception as error:  # noqa: BLE001  # the harness judges it
        return {"error": type(error).__name__, "text": str(error)[:500]}
    finally:
        for connection in connections.all():
            connection.close()


if __name__ == "__main__":
    clock.install()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(line), default=str) + "\n")
        sys.stdout.flush()
