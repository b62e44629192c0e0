"""The number of a card, from the bits that a reader sends and as it is printed. Pure.

Wiegand with 26 bits: parity, 8 bits of a facility, 16 bits of a number, parity. Controllers and the print on
cards write both in decimal beside each other, the number with five digits: facility 100, number 58400 is
10058400 (uhppoted's tests use that card). With 34 bits: parity, 32 bits, parity.
"""

import re

SHORT_BITS = 26
LONG_BITS = 34
SHIFT = 100_000  # the number has five digits
FACILITY_MAX = 255
SHORT_MAX = 65_535
NUMBER_MAX = 2**63 - 1
PRINTED_CHARS_MAX = 19  # of the longest number; facility and number together are shorter
_PRINTED = re.compile(r"(?:(\d{1,3})\s*[,:/ ]\s*)?(\d{1,19})")


def read_number(data: bytes, bits: int) -> int:
    """Return the number in the first `bits` bits of what a reader sent; 0 where there is none."""
    if not 0 < bits <= 8 * len(data):
        return 0
    value = int.from_bytes(data, "big") >> (8 * len(data) - bits)
    if bits == SHORT_BITS:
        inner = (value >> 1) & 0xFFFFFF
        return (inner >> 16) * SHIFT + (inner & 0xFFFF)
    if bits == LONG_BITS:
        return (value >> 1) & 0xFFFFFFFF
    return value & NUMBER_MAX


def parse_number(text: str) -> int | None:
    """Return the number that a person typed from a card: "10058400" or "100,58400". None: it is none."""
    found = _PRINTED.fullmatch(text.strip()) if len(text.strip()) <= PRINTED_CHARS_MAX else None
    if found is None:
        return None
    facility, number = found[1], int(found[2])
    if facility is None:
        return number if 1 <= number <= NUMBER_MAX else None
    if int(facility) > FACILITY_MAX or number > SHORT_MAX:
        return None
    return int(facility) * SHIFT + number or None
