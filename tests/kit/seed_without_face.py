"""Set up a school for `test_wheel` in an environment of its own: the wheel without the face engine.

Prints what the journey needs. Nothing of `tests` that needs the engine is imported.
"""

import importlib.util
import json
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
django.setup()

from django.conf import settings  # noqa: E402  (Django must be set up first)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from tests.support.signing import give_factors, records_of  # noqa: E402

from willing.accounts.actions import NewUser, add_user  # noqa: E402
from willing.accounts.models import User  # noqa: E402
from willing.accounts.rules import STAFF_SESSION  # noqa: E402
from willing.accounts.sessions import mark_session  # noqa: E402
from willing.credentials.cards import issue_card  # noqa: E402
from willing.gate.queries import require_lane  # noqa: E402
from willing.gate.set_up import NewLane, add_door, add_lane  # noqa: E402
from willing.keys.set_up import set_up  # noqa: E402
from willing.pages.lane.access import COOKIE  # noqa: E402
from willing.people.persons import NewPerson, add_person  # noqa: E402
from willing.people.school import create_school  # noqa: E402
from willing.terminals.models import Device  # noqa: E402
from willing.terminals.pairing import pair_terminal, start_pairing  # noqa: E402

ENGINE = ("numpy", "cv2", "openvino", "onnx")


def session_of(user: User) -> str:
    """Return the key of a session of a member of staff."""
    give_factors()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.update(records_of(user))
    mark_session(session, STAFF_SESSION)
    session.create()
    return str(session.session_key)


def seed() -> dict[str, Any]:
    """Make a school with a pupil who has a card, a lane that is paired, and an office."""
    set_up()
    school = create_school("Willow Road School")
    office = add_user(school, NewUser("office", "a long enough phrase", "Olga Office", ("office",)))
    pupil = add_person(school, NewPerson("Ada", "Oak", year="4A"))
    door = add_door(school, "Main gate", by=office)
    lane = require_lane(school, add_lane(school, NewLane("Lane 1", door.id, "in"), by=office).pk)
    paired = pair_terminal(start_pairing(lane.terminal), key="k", device=Device.KIOSK)
    return {
        "engine": [one for one in ENGINE if importlib.util.find_spec(one)],
        "office": office.pk,
        "pupil": str(pupil.id),
        "card": issue_card(pupil, by=office),
        "cookies": f"sessionid={session_of(office)}; {COOKIE}={paired.token}",
    }


if __name__ == "__main__":
    json.dump(seed(), sys.stdout)
