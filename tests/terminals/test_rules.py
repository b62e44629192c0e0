"""Where no camera may be, and the bounds that the documents name."""

import pytest

from willing.terminals.printer_rules import PrinterFault, find_address_fault, find_printer_fault
from willing.terminals.rules import (
    LOCATIONS_WITHOUT_FACE,
    PAIRING_MINUTES,
    REQUEST_KEY_HOURS,
    WaysFault,
    find_ways_fault,
    may_become,
)


def test_no_camera_is_where_people_sleep_or_undress():
    assert {"toilet", "changing_room", "dormitory"} == LOCATIONS_WITHOUT_FACE


def test_a_pairing_code_lasts_minutes_and_a_request_s_key_a_day():
    assert PAIRING_MINUTES == 15
    assert REQUEST_KEY_HOURS == 24


@pytest.mark.parametrize(
    ("ways", "location", "fault"),
    [
        (("card",), "canteen", None),
        (("pin", "face"), "canteen", None),
        (("card", "pin", "staff"), "toilet", None),
        (("face",), "canteen", WaysFault.NEEDS_ANOTHER_WAY),
        (("staff", "face"), "toilet", WaysFault.NEEDS_ANOTHER_WAY),
        ((), "canteen", WaysFault.NEEDS_ANOTHER_WAY),
        (("card", "face"), "dormitory", WaysFault.NOT_FOR_FACES),
    ],
)
def test_a_face_is_never_the_only_way_and_never_where_people_undress(ways, location, fault):
    assert find_ways_fault(ways, location) == fault


def test_a_till_stays_a_till_and_a_gate_a_gate():
    assert may_become("canteen", "shop")
    assert may_become("shop", "canteen")
    assert may_become("gate", "gate")
    assert not may_become("gate", "canteen")
    assert not may_become("shop", "library")


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("192.168.1.50", None),
        ("10.0.0.9", None),
        ("172.31.255.1", None),
        ("172.32.0.1", PrinterFault.OUTSIDE),
        ("127.0.0.1", None),
        ("fd00::9", None),
        ("::1", None),
        ("fe80::1", PrinterFault.OUTSIDE),
        ("2001:db8::1", PrinterFault.OUTSIDE),
        ("192.0.2.1", PrinterFault.OUTSIDE),
        ("100.64.0.1", PrinterFault.OUTSIDE),
        ("192.168.1.50:9100", PrinterFault.NOT_AN_ADDRESS),
        ("", PrinterFault.NOT_AN_ADDRESS),
    ],
)
def test_a_printer_is_in_a_network_of_the_school(address: str, fault: PrinterFault | None) -> None:
    assert find_address_fault(address) == fault
    assert find_printer_fault(address=address, port=9100, queue="") == fault


@pytest.mark.parametrize(
    ("port", "queue", "fault"),
    [
        (9109, "", None),
        (9110, "", PrinterFault.PORT),
        (80, "", PrinterFault.PORT),
        (0, "Till_1.canteen", None),
        (0, "-o", PrinterFault.QUEUE),
        (0, "a b", PrinterFault.QUEUE),
        (0, "server/queue", PrinterFault.QUEUE),
    ],
)
def test_a_printer_has_a_printers_port_or_a_queues_name(
    port: int, queue: str, fault: PrinterFault | None
) -> None:
    assert find_printer_fault(address="10.0.0.9", port=port, queue=queue) == fault


def test_a_till_that_takes_faces_takes_some_kind_of_them() -> None:
    assert find_ways_fault(["card", "face"], "canteen", []) is WaysFault.NO_FACE
    assert find_ways_fault(["card", "face"], "canteen", ["card"]) is None
    assert find_ways_fault(["card"], "canteen", []) is None
