"""Today's list as phones get it, built once for those who ask within the same second.

When an alarm rings, twenty phones are opened at once. What each of them gets is the same but for its own
sign-in, and building it for 1,500 names takes a processor a seventh of a second: twenty times that is a line
in which the last one, and every till, waits for three. A register that closes, a start, a tick and an end
count at once, for the version changes with them; what else has changed is on the list a second later.
"""

import json
import threading
from dataclasses import dataclass
from time import monotonic
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from willing.people.models import School
from willing.people.queries import day_bounds, today
from willing.rollcall.labels import reason_of
from willing.rollcall.models import RollCall
from willing.rollcall.presence import PresenceLine
from willing.rollcall.queries import (
    TickShown,
    current_list,
    merge_key,
    settings_of,
    ticks_since,
    version_of,
)

SHARED_SECONDS = 1.0


@dataclass(frozen=True)
class _BuiltList:
    """What is the same for all who ask. built_at: by the monotonic clock, once it was complete."""

    version: str
    built_at: float
    content: bytes


class SharedList:
    """The lists that were built last, one for each school and language; in memory, and of this process."""

    def __init__(self) -> None:
        self._building = threading.Lock()
        self._built: dict[tuple[UUID, str], _BuiltList] = {}

    def content(self, school: School) -> bytes:
        """Return what all phones of a school get, in the language of who asks, as the inside of an object.

        Who asks while it is built waits for that one, however long a busy computer takes: else each of those
        who wait would have another one built, when it can be borne least.
        """
        key, asked_at = (school.pk, get_language() or ""), monotonic()
        with self._building:
            version, built = version_of(school), self._built.get(key)
            if built is None or built.version != version or asked_at - built.built_at > SHARED_SECONDS:
                content = _inside(_list_of(school, version))
                built = self._built[key] = _BuiltList(version, monotonic(), content)
        return built.content

    def forget(self) -> None:
        """Forget them; for tests, each of which has a school of its own."""
        self._built.clear()


SHARED_LIST = SharedList()


def list_answer(school: School, own: dict[str, Any]) -> bytes:
    """Return the answer to one phone: what is its own, and the list."""
    return b"{%b, %b}" % (_inside(own), SHARED_LIST.content(school))


def _inside(content: dict[str, Any]) -> bytes:
    return json.dumps(content, cls=DjangoJSONEncoder)[1:-1].encode()


def _list_of(school: School, version: str) -> dict[str, Any]:
    """Return the list. version: read before it, so that a change in between is asked for again."""
    current = current_list(school)
    points = [{"id": str(one.id), "name": one.name} for one in current.points.all]
    return {
        "day": today(school).isoformat(),
        "ends": day_bounds(school, today(school))[1].isoformat(),
        "list": current.name,
        "version": version,
        "made_at": current.made_at.isoformat(),
        "merge_key": merge_key(school),
        "red_after_seconds": settings_of(school).red_after_minutes * 60,
        "points": [*points, {"id": None, "name": _("No assembly point")}],
        "people": [_person(one) for one in current.entries],
        "running": running_as_sent(current.roll_call),
        "ticks": [tick_as_sent(one) for one in ticks_since(current.roll_call)] if current.roll_call else [],
    }


def _person(one: PresenceLine) -> dict[str, Any]:
    return {
        "id": str(one.subject),
        "kind": one.kind,
        "name": one.name,
        "form": one.form,
        "point": str(one.point) if one.point else None,
        "medical": one.medical,
        "expected": one.is_expected,
        "why": one.why.value,
        "reason": reason_of(one),
    }


def running_as_sent(roll_call: RollCall | None) -> dict[str, Any] | None:
    """Return what is running as phones read it."""
    if roll_call is None:
        return None
    by = roll_call.started_by
    return {
        "id": str(roll_call.id),
        "kind": roll_call.kind,
        "started_at": roll_call.started_at.isoformat(),
        "by": by.get_short_name() or by.get_username(),
        "ended_at": roll_call.ended_at.isoformat() if roll_call.ended_at else None,
    }


def tick_as_sent(one: TickShown) -> dict[str, Any]:
    """Return a tick as phones read it."""
    return {
        "number": one.number,
        "subject": str(one.subject),
        "state": one.state,
        "at": one.at.isoformat(),
        "by": one.by,
        "who": one.who,
        "device": str(one.device),
    }
