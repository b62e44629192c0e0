"""Readers at lanes without a browser: OSDP readers on their lines, and readers that type, grabbed.

They belong to the one process that holds the port; what they read goes the way of any press at a lane. The
threads of the ports only put what came into a queue: nothing of the database happens in them. No page is
between, so they cut off the share of a printed card.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from django.db import close_old_connections

from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.credentials.identification import require_way_taken
from willing.credentials.shares import cut_card_keys, cut_card_text
from willing.gate.card_numbers import find_card_by_number
from willing.gate.device_rules import Driver
from willing.gate.door_models import DoorDevice
from willing.gate.doors.osdp_line import CardRead, drop_lines, hold_line
from willing.gate.doors.protocol import DoorFault
from willing.gate.doors.typing_reader import TypingReader
from willing.gate.drivers import open_secret
from willing.gate.identification import pass_by_card, require_open
from willing.gate.models import Lane, Passage, PassageWay
from willing.gate.opening import open_for_passage
from willing.gate.passages import Press, record_passage
from willing.terminals.keyboards import KeyboardLayout, KeyboardReader, Scan, read_scan
from willing.terminals.models import Way
from willing.terminals.readers import reader_of

WAIT_SECONDS = 5.0
# A door that is opened later is opened before nobody: whoever held the card has found another way.
OPENED_WITHIN_SECONDS = 15.0


@dataclass(frozen=True)
class Read:
    """What came from a reader, and when, by the monotonic clock: a number, a text, or the names of keys."""

    kind: Driver
    address: str
    unit: int = 0
    number: int = 0
    text: str = ""
    keys: tuple[str, ...] = ()
    at: float = field(default_factory=time.monotonic)


_reads: SimpleQueue[Read] = SimpleQueue()
_typing: dict[str, TypingReader] = {}


def hold_readers() -> None:
    """Open what is to be open, close what is not any more; a port that was pulled out is tried again."""
    kinds = [Driver.OSDP, Driver.TYPING]
    devices = DoorDevice.objects.filter(kind__in=kinds).order_by("address", "unit")
    by_port: dict[str, list[DoorDevice]] = defaultdict(list)
    for one in devices:
        by_port[one.address].append(one)
    _hold_lines({port: found for port, found in by_port.items() if found[0].kind == Driver.OSDP})
    _hold_typing({path: found[0] for path, found in by_port.items() if found[0].kind == Driver.TYPING})
    close_old_connections()


def _hold_lines(by_port: dict[str, list[DoorDevice]]) -> None:
    for port, readers in by_port.items():
        keys = {one.unit: bytes.fromhex(open_secret(one)) for one in readers}
        try:
            hold_line(port, readers[0].baud, keys, _Line(port))
        except DoorFault as failed:
            _note(readers, failed)
    drop_lines(set(by_port))


class _Line:
    """What a line calls with each card."""

    def __init__(self, port: str) -> None:
        self.port = port

    def __call__(self, read: CardRead) -> None:
        _reads.put(Read(Driver.OSDP, self.port, read.address, read.number, cut_card_text(read.text)))


def _hold_typing(wanted: dict[str, DoorDevice]) -> None:
    for path in list(_typing):
        if path not in wanted or _typing[path].fault is not None:
            _typing.pop(path).close()
    for path, device in wanted.items():
        if path in _typing:
            continue
        try:
            _typing[path] = TypingReader(path, _Typed(path))
        except DoorFault as failed:
            _note([device], failed)
        else:
            _note([device], None)


class _Typed:
    """What a reader that types calls with each scan."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self, keys: tuple[str, ...]) -> None:
        _reads.put(Read(Driver.TYPING, self.path, keys=cut_card_keys(keys)))


def _note(devices: list[DoorDevice], failed: DoorFault | None) -> None:
    rows = DoorDevice.objects.filter(pk__in=[one.pk for one in devices])
    fault, detail = (failed.fault.value, failed.detail[:40]) if failed else ("", "")
    rows.update(fault=fault, fault_detail=detail)
    # A reader that types is asked nothing: it is there while it is held.
    typing = rows.filter(kind=Driver.TYPING)
    typing.update(looked_at=now())
    if failed is None:
        typing.update(seen_at=now())


def take_reads() -> int:
    """Let through who held a card to a reader, one after the other, until none waits. Return how many."""
    taken = 0
    try:
        read = _reads.get(timeout=WAIT_SECONDS)
        while True:
            taken += take_read(read) is not None
            read = _reads.get_nowait()
    except Empty:
        close_old_connections()
        return taken


def take_read(read: Read) -> Passage | None:
    """Let through whose card was read at a lane, and open; None where it is nobody's, or no lane's.

    A read that waited, while the database was busy, is kept, and opens nothing any more.
    """
    rows = DoorDevice.objects.select_related("lane__terminal__school", "lane__door")
    device = rows.filter(kind=read.kind, address=read.address, unit=read.unit).first()
    lane = device.lane if device else None
    if lane is None or lane.terminal.retired_at is not None:
        return None
    press = Press(new_id())
    try:
        passage = _pass(lane, press, read)
    except Refused:
        return None  # counted as an attempt where it was one; the reader's own light stays red
    if time.monotonic() - read.at <= OPENED_WITHIN_SECONDS:
        open_for_passage(lane.door, passage.id)
    return passage


def _pass(lane: Lane, press: Press, read: Read) -> Passage:
    card = find_card_by_number(lane.terminal.school, read.number) if read.number else None
    if card is not None and card.revoked_at is None and card.person.left_at is None:
        require_open(lane)
        require_way_taken(lane.terminal, Way.CARD)
        return record_passage(lane, press, card.person, PassageWay.CARD)
    return pass_by_card(lane, press, read.text or _text_of(lane, read))


def _text_of(lane: Lane, read: Read) -> str:
    """Return what a reader that types meant: keys are read by the layout that its lane is set to, else US."""
    reader = reader_of(lane.terminal)
    layout = KeyboardLayout.US if reader.layout is KeyboardLayout.TYPED else reader.layout
    return read_scan(Scan("", read.keys), KeyboardReader(layout, reader.suffix, reader.prefix))
