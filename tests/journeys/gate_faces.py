"""Set up a lane that takes faces, two pupils who agreed to it, and a visitor; print what the journeys need.

In a process of its own, with $WILLING_HOME of the journeys: `python -m tests.journeys.gate_faces verify`.
"""

import json
import os
import secrets
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from tests.support.card_faces import seal  # noqa: E402  (Django must be set up before the rooms)
from tests.support.clips import frame, jpeg  # noqa: E402

from willing.accounts.models import User  # noqa: E402
from willing.biometrics.capture import (  # noqa: E402
    add_capture_frame,
    begin_sealing,
    finish_capture,
    start_capture,
)
from willing.biometrics.card_sealing import SealedShare  # noqa: E402
from willing.biometrics.consent_changes import record_consent  # noqa: E402
from willing.biometrics.models import FacePolicy  # noqa: E402
from willing.consent.decisions import NewDecision  # noqa: E402
from willing.consent.publishing import notify_guardian  # noqa: E402
from willing.consent.queries import require_notice  # noqa: E402
from willing.core.codes import new_code  # noqa: E402
from willing.credentials.models import Card  # noqa: E402
from willing.gate.set_up import NewLane, add_door, add_lane  # noqa: E402
from willing.people.models import Person, School  # noqa: E402
from willing.people.queries import listed_guardians  # noqa: E402
from willing.terminals.pairing import start_pairing  # noqa: E402
from willing.visits.actions import NewVisit, VisitorSignIn, announce_visit, give_badge, sign_in  # noqa: E402

WAYS = ("card", "pin", "face", "staff")


def agree(person: Person) -> None:
    """Let a guardian and the person say yes to the gate."""
    guardian = listed_guardians(person.id)[0]
    adult, child = (require_notice("gate", reader, "en") for reader in ("adult", "child"))
    notify_guardian(guardian, person, adult, channel="link")
    record_consent(NewDecision(person, "gate", "yes", adult, "link", guardian=guardian))
    record_consent(NewDecision(person, "gate", "yes", child, "desk"))


def enrol(person: Person, portrait: str, by: User, *, with_card: bool) -> str:
    """Enrol a person for the gate; with their card, return its share in hexadecimal."""
    capture = start_capture(person, "gate", user=by)
    for height, light in ((480, 1.0), (460, 0.92), (440, 1.08), (420, 1.0)):
        add_capture_frame(
            capture, jpeg(frame(portrait, height=height, light=light)), user=by, by_camera=False
        )
    if not with_card:
        finish_capture(capture, user=by)
        return ""
    key, share = begin_sealing(capture, user=by), secrets.token_bytes(16)
    card = Card.objects.get(person=person, revoked_at=None)
    finish_capture(capture, user=by, card=SealedShare(card.pk, seal(key.public, key.info, share)))
    return share.hex()


def a_badge(school: School, by: User) -> str:
    """Let a visitor be on the site, and return the code on their badge."""
    visit = announce_visit(school, NewVisit("Piet Plumber", by, "contractor"), by=by)
    sign_in(school, visit.id, VisitorSignIn(True, 7), by=by)
    code = new_code()
    give_badge(school, visit.id, code, by=by)
    return code


def run(mode: str) -> dict[str, Any]:
    """Do it. mode: how the school compares, verify or identify."""
    school = School.objects.get()
    office = User.objects.get(username="office")
    FacePolicy.objects.update(mode=mode)
    ana, hana = (Person.objects.get(given_name=name) for name in ("Ana", "Hana"))
    for one in (ana, hana):
        agree(one)
    enrol(ana, "person_a_1", office, with_card=False)
    share = enrol(hana, "obama", office, with_card=True)
    door = add_door(school, "Main gate", by=office)
    lane = add_lane(school, NewLane("Lane 1", door.id, "in", WAYS), by=office)
    return {
        "pairing_code": start_pairing(lane.terminal),
        "share": share,
        "badge": a_badge(school, office),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(sys.argv[1])))
