"""Everything that is held about a person, as they can read it (GDPR articles 15 and 20).

It never holds the template itself, and nothing of another person: another guardian's words, contact and
answers stay out of what a guardian reads, and a guardian's contact out of what a pupil reads.
"""

from collections.abc import Callable, Mapping
from typing import Any

from willing.ledger.queries import available_minor
from willing.people.models import Person
from willing.privacy.presence import filled_parts
from willing.privacy.readers import OFFICE, RecordReader, entries, views_of
from willing.privacy.sections.allergens import allergen_events, allergens
from willing.privacy.sections.attendance import (
    absence_messages,
    register_groups,
    register_notes,
    registers,
    roll_returns,
    set_codes,
)
from willing.privacy.sections.bank import paid_by_bank, paid_out
from willing.privacy.sections.boarding import boarding, evening_marks
from willing.privacy.sections.complaints import complaints
from willing.privacy.sections.consent import decisions, excuses, notifications, permissions, signed_forms
from willing.privacy.sections.faces import faces, recognition, uses_of_face
from willing.privacy.sections.gate import gate_days, gate_messages
from willing.privacy.sections.leave import planned_absences
from willing.privacy.sections.mail import mails
from willing.privacy.sections.payments import (
    cards,
    charge,
    entitlements,
    limits,
    payments_in,
    pin_state,
    unpaid_baskets,
)
from willing.privacy.sections.people import guardians, invitations, list_changes, person_section, sign_ins
from willing.privacy.sections.roll_call import medical_words, roll_calls
from willing.privacy.sections.visits import in_today
from willing.privacy.sections.wallets import low_balances, movements
from willing.privacy.values import iso
from willing.till.queries import sales_of_person, with_refunds

FORMAT = "willing.everything/2"
# The parts that grow with every purchase or use of the face: a thousand rows and more in a few years.
GROWING = frozenset(
    {
        "uses_of_face",
        "mails",
        "paid_in",
        "movements",
        "charges",
        "baskets",
        "planned_absences",
        "registers",
        "roll_calls",
        "who_looked",
        "log",
    }
)
# The value of an empty part that is no list.
NOTHING: Mapping[str, None] = {"medical_words": None, "paid_by_bank": None}


def personal_data_of(
    person: Person, reader: RecordReader = OFFICE, newest: int | None = None
) -> dict[str, Any]:
    """Return all that is held about a person, as values that JSON can carry.

    Amounts are minor units of `currency`, times ISO 8601 in UTC. newest: of what grows with every purchase
    (GROWING) so many at most, the newest; None for all of it.
    """
    person = Person.objects.select_related("school", "year_group").get(pk=person.pk)
    # Terminals apart: joined, SQLite would begin with them, and read all baskets of the school.
    sold = sales_of_person(person).select_related("duplicate").prefetch_related("basket__terminal")
    sales = with_refunds(sold)
    filled = filled_parts(person)

    def part(name: str, read: Callable[..., Any], *how: Any) -> Any:
        return read(person, *how) if name in filled else NOTHING.get(name, [])

    return {
        "format": FORMAT,
        "person": person_section(person),
        "school": person.school.name,
        "currency": person.school.currency,
        "time_zone": person.school.time_zone,
        "guardians": guardians(person, reader),
        "list_changes": part("list_changes", list_changes),
        "sign_ins": sign_ins(person, reader),
        "invitations": invitations(person, reader),
        "mails": part("mails", mails, reader, newest),
        "permissions": permissions(person),
        "told": part("told", notifications, reader),
        "excuses": part("excuses", excuses, reader),
        "decisions": part("decisions", decisions, reader),
        "signed_forms": part("signed_forms", signed_forms, reader),
        "faces": part("faces", faces),
        "recognition": part("recognition", recognition),
        "uses_of_face": part("uses_of_face", uses_of_face, newest),
        "cards": cards(person),
        "pin": pin_state(person),
        "limits": limits(person, reader),
        "balance_minor": available_minor(person),
        "entitlements": part("entitlements", entitlements),
        "allergens": part("allergens", allergens, reader),
        "allergen_events": part("allergen_events", allergen_events),
        "registers": registers(person, newest),
        "register_groups": part("register_groups", register_groups),
        "set_codes": part("set_codes", set_codes),
        "absence_messages": part("absence_messages", absence_messages, reader),
        "register_notes": part("register_notes", register_notes, reader),
        "roll_returns": part("roll_returns", roll_returns),
        "planned_absences": part("planned_absences", planned_absences, reader, newest),
        "boarding": part("boarding", boarding),
        "evening_marks": part("evening_marks", evening_marks),
        "in_today": part("in_today", in_today),
        "roll_calls": part("roll_calls", roll_calls, newest),
        "medical_words": part("medical_words", medical_words),
        "gate_days": part("gate_days", gate_days),
        "gate_messages": part("gate_messages", gate_messages, reader),
        "paid_in": payments_in(person, newest),
        "paid_by_bank": part("paid_by_bank", paid_by_bank),
        "paid_out": part("paid_out", paid_out, reader),
        "movements": movements(person, newest),
        "low_balances": part("low_balances", low_balances, reader),
        "charges": [charge(sale) for sale in sales[:newest]],
        "baskets": part("baskets", unpaid_baskets, newest),
        "complaints": part("complaints", complaints, reader),
        "who_looked": views_of(person, reader, newest=newest),
        "log": [
            {"entry": one.sequence, "event": one.event, "at": iso(one.at)}
            for one in entries(person, reader, newest)
        ],
    }
