"""The sections of the assessment on registers, the gate and the roll call, where the school uses them.

A school that begins to use one of them has another assessment to sign; one that does not reads nothing of it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext

from willing.attendance.queries import find_settings
from willing.documents.parts import Section, any_of, label
from willing.gate.queries import lanes
from willing.gate.rules import KEPT_DAYS
from willing.people.models import School
from willing.rollcall.models import AssemblyPoint
from willing.rollcall.rules import LAST_SEEN_KEPT
from willing.terminals.models import Way


def used_areas(school: School) -> dict[str, dict[str, Any]]:
    """Return what the school uses of the three, each with what its assessment depends on."""
    found: dict[str, dict[str, Any]] = {}
    registers = find_settings(school)
    if registers is not None:
        found["attendance"] = {"open_minutes": registers.open_minutes}
    ways = sorted({way for lane in lanes(school) for way in lane.terminal.ways})
    if ways:
        found["gate"] = {"ways": ways, "kept_days": KEPT_DAYS}
    if AssemblyPoint.objects.filter(school=school, retired_at=None).exists():
        found["roll_call"] = {"last_seen_hours": LAST_SEEN_KEPT // timedelta(hours=1)}
    return found


def area_sections(areas: Mapping[str, Mapping[str, Any]]) -> tuple[Section, ...]:
    """Return the sections of what was used when the content was made."""
    said = (("attendance", _attendance), ("gate", _gate), ("roll_call", _roll_call))
    return tuple(say(areas[area]) for area, say in said if area in areas)


def _attendance(area: Mapping[str, Any]) -> Section:
    return Section(
        gettext("Registers"),
        (
            gettext(
                "Attendance is the school's duty and public task; no consent is asked for it. A person "
                "makes each mark, in a register that stays open for %(open_minutes)s minutes. No camera, no"
                " face and no gate makes one, under any legal profile, and consent to faces changes nothing"
                " in it."
            )
            % area,
            gettext(
                "The main risk is a wrong message to families. One goes out only where no person has marked"
                " a pupil as here and nothing explains the absence. It is held for ten minutes, can be "
                "called back, and waits for a person where it would reach more than one family in twenty."
            ),
        ),
    )


def _gate(area: Mapping[str, Any]) -> Section:
    without = [label(Way, way) for way in area["ways"] if way != Way.FACE]
    necessity = [
        gettext(
            "Is a face needed at the gate? No: anyone passes it with %(ways)s, and a member of staff can "
            "always open it. No lane can be set up without a card or a PIN."
        )
        % {"ways": any_of(without)}
    ]
    if "face" in area["ways"]:
        necessity.append(
            gettext(
                "A face may open a lane for people who want it, with a consent of its own that is worth "
                "nothing at a till, after their own press, and with their card where the legal profile "
                "compares one to one. It may be used only as long as nobody waits longer without it. A face"
                " that is not recognised refuses nobody: the other ways stay on the screen."
            )
        )
        necessity.append(
            gettext(
                "Pupils and their guardians see each use of a face at once, by its day, so that they can "
                "object; a reader who watches that page can so tell the minute. By the other ways a day shows"
                " only once it is over."
            )
        )
    else:
        necessity.append(gettext("No lane has a camera."))
    return Section(
        gettext("The gate"),
        (
            *necessity,
            gettext(
                "The main risk is that passages become a record of where children were. They are kept for "
                "%(kept_days)s days, then only their number. The log holds a person and a day, never a "
                "door, a direction or a time of day, and no page, no file and no request joins two doors of"
                " one person. A passage is never a mark in a register; it can only stop a message to the "
                "family."
            )
            % area,
            gettext(
                "Nothing here holds a lock shut. Locks open with the fire alarm and the green box, which "
                "are independent of this system; the alarm is only read."
            ),
        ),
    )


def _roll_call(area: Mapping[str, Any]) -> Section:
    return Section(
        gettext("The roll call"),
        (
            gettext(
                "In a fire the school must know who is still inside. Wardens' phones keep today's list "
                "until the end of the day: names, forms, assembly points, and in words what helpers must "
                "know. It has no photographs. Each opening is in the log."
            ),
            gettext(
                "Where a person was last seen is worked out for one person at a time, only while a roll "
                "call runs, and with a reason. It is erased after %(last_seen_hours)s hours, and the family"
                " sees that it was opened. Nowhere else are traces of a person put together."
            )
            % area,
        ),
    )
