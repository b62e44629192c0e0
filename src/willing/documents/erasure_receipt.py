"""The receipt of an erasure, which an outsider can check."""

import json
from typing import Any

from django.utils.translation import gettext

from willing.audit.models import Entry
from willing.audit.queries import find_inclusion_receipt
from willing.biometrics.erasure import has_keys_to_destroy, is_wiped
from willing.documents.parts import Document, DocumentTable, Section, fix, moment_text
from willing.people.models import School

VERIFY_COMMAND = "python -m willing.audit.verify receipt FILE --key KEY"


def _not_yet_destroyed(facts: dict[str, Any], entry: Entry) -> list[tuple[str, str]]:
    """Return what was decided in an erasure and could not be done at that moment, as it is now."""
    rows = []
    if facts.get("keys_pending") and entry.subject:
        waits = has_keys_to_destroy(entry.subject)
        rows.append(
            (
                gettext("Keys unreachable at that time"),
                gettext("not destroyed yet; the server keeps trying")
                if waits
                else gettext("destroyed since"),
            )
        )
    if facts.get("wipes"):
        done = is_wiped(facts["wipes"])
        rows.append(
            (
                gettext("Overwriting what was left on the disk"),
                gettext("done since") if done else gettext("not done yet; the server keeps trying"),
            )
        )
    return rows


def erasure_receipt(school: School, entry: Entry) -> Document:
    """Return the receipt of an erasure: entry number, time, what was destroyed, and how to check it.

    entry: of the event face.erased. It names nobody; the person who holds it knows whose it is.
    """
    assert entry.event == "face.erased"
    facts = json.loads(bytes(entry.hashed))["facts"]
    proof = find_inclusion_receipt(entry)
    rows = [
        (gettext("Entry of the log"), str(entry.sequence)),
        (gettext("Time"), moment_text(entry.at, school)),
        (gettext("Keys destroyed"), str(facts["keys_destroyed"])),
        *_not_yet_destroyed(facts, entry),
        (gettext("Person"), str(entry.subject)),
        (gettext("Fingerprint of the entry"), bytes(entry.entry_hash).hex()),
    ]
    checked = (
        gettext("This proof file can be checked on any computer, without the school: %(command)s")
        if proof
        else gettext(
            "The log is signed once a day. After that there is a proof file, which can be "
            "checked on any computer, without the school: %(command)s"
        )
    )
    return Document(
        gettext("Proof: a face was deleted"),
        school.name,
        (
            Section(
                gettext("What was destroyed"),
                (
                    gettext(
                        "The template and its key. Without the key nobody can read the template, not "
                        "even from an old backup. Every running computer stopped using it within a "
                        "second."
                    ),
                ),
                table=DocumentTable((gettext("Item"), gettext("Details")), fix(rows)),
            ),
            Section(
                gettext("How to check it"),
                (
                    checked % {"command": VERIFY_COMMAND},
                    gettext(
                        "Keep the entry's number and fingerprint: anyone who has them can see if the "
                        "log is changed."
                    ),
                ),
            ),
        ),
    )
