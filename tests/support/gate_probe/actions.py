"""The writers of passages: a gate pairs with its device, asks who somebody is, and lets them through."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from tests.support.gate_probe.models import Passage

from willing.audit.actions import record
from willing.biometrics.face_sessions import SessionRequest, conclude_session, open_session, process_frame
from willing.biometrics.models import FaceSession
from willing.biometrics.queries import find_session
from willing.core.errors import Refused
from willing.core.ids import derive_id
from willing.core.transactions import atomic, lock
from willing.credentials.identification import identify_by_card, identify_by_pin, require_way_taken
from willing.people.models import Person, School
from willing.people.queries import day_bounds
from willing.terminals.models import Device, Terminal, Way
from willing.terminals.pairing import Pairing, pair_terminal, require_terminal

PURPOSE = "gate"


def pair_gate(code: str, *, key: str) -> Pairing:
    """Use up a gate's pairing code. Raises Refused pairing_code_unknown, for a till's too."""
    return pair_terminal(code, key=key, device=Device.API, purposes={PURPOSE})


def require_gate(token: str) -> Terminal:
    """Return the gate that acts with a token. Raises Refused terminal_not_paired, not_a_gate."""
    terminal = require_terminal(token, device=Device.API)
    if terminal.purpose != PURPOSE:
        raise Refused("not_a_gate", "This is not a gate.")
    return terminal


def pass_by_card(gate: Terminal, passage_id: UUID, code: str) -> Passage:
    """Let through whoever carries this card. Raises Refused way_not_taken, code_unknown."""
    return _record_passage(gate, passage_id, identify_by_card(gate, code), Way.CARD)


def pass_by_pin(gate: Terminal, passage_id: UUID, number: int, pin: str) -> Passage:
    """Let through whoever has this number and PIN. Raises Refused way_not_taken, pin_wrong, pin_locked."""
    return _record_passage(gate, passage_id, identify_by_pin(gate, number, pin), Way.PIN)


@atomic
def open_camera(gate: Terminal, passage_id: UUID, *, key: str) -> FaceSession:
    """Open the camera for one passage, on a press. Raises Refused as `open_session` does, way_not_taken."""
    require_way_taken(gate, Way.FACE)
    lock(Terminal.objects).get(pk=gate.pk)
    request = SessionRequest(derive_id(passage_id, "session", key), gate, passage_id)
    return open_session(gate.school, request)


def pass_by_frame(gate: Terminal, session_id: UUID, picture: bytes) -> Passage | None:
    """Look at one frame; let through whom it shows. None while it goes on, or where nobody is known."""
    seen = process_frame(session_id, picture, terminal_id=gate.id)
    if seen.decision is None:
        return None
    found = find_session(session_id, terminal_id=gate.id)
    session = conclude_session(session_id, seen.decision, terminal_id=gate.id)
    if session.person is None or found is None:
        return None
    return _record_passage(gate, found.occasion_id, session.person, Way.FACE)


@atomic
def _record_passage(gate: Terminal, passage_id: UUID, person: Person, way: Way) -> Passage:
    """Write a passage down, once: the same id again is the same passage."""
    passage, is_new = Passage.objects.get_or_create(
        id=passage_id, defaults={"terminal": gate, "person": person, "way": way}
    )
    if is_new:
        facts = {"terminal": str(gate.id), "way": way.value}
        record("passage.recorded", subject=person.id, facts=facts, personal={})
    return passage


def came_in(school: School, day: date, person_ids: Collection[UUID]) -> set[UUID]:
    """Return who of these passed this gate on a day: a yes or a no for each, and nothing more."""
    begins, ends = day_bounds(school, day)
    rows = Passage.objects.filter(person_id__in=person_ids, at__gte=begins, at__lt=ends)
    return set(rows.values_list("person_id", flat=True))
