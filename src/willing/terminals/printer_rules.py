"""Where a till's receipt printer may be, and how far its paper and its characters go. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

# A printer's port for what is printed as it comes; print servers with several sockets count on from there.
PORTS = range(9100, 9110)
PORT = 9100
# The school's own networks and this computer. What a till prints must not leave the school, so a name, which
# another server may turn into any address tomorrow, is no address here, and neither is a link-local one.
SCHOOL_NETWORKS = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128")
)
# The name of a queue of CUPS: no space and no slash, and nothing that `lp` reads as an option.
_QUEUE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}", re.ASCII)


class PrinterFault(StrEnum):
    """Why a printer can't be set up so."""

    NOT_AN_ADDRESS = "not_an_address"
    OUTSIDE = "outside"
    PORT = "port"
    QUEUE = "queue"
    NO_QUEUES = "no_queues"


def find_address_fault(address: str) -> PrinterFault | None:
    """Return what is wrong with the address of a printer, or None."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return PrinterFault.NOT_AN_ADDRESS
    is_within = any(found in one for one in SCHOOL_NETWORKS if one.version == found.version)
    return None if is_within else PrinterFault.OUTSIDE


def find_printer_fault(*, address: str, port: int, queue: str) -> PrinterFault | None:
    """Return what is wrong with where a printer is, or None. queue: of CUPS, in place of an address."""
    if queue:
        return None if _QUEUE.fullmatch(queue) else PrinterFault.QUEUE
    if port not in PORTS:
        return PrinterFault.PORT
    return find_address_fault(address)


@dataclass(frozen=True)
class CharacterTable:
    """How a printer reads bytes: Python's names of the encodings, tried in turn, and its number of the table.

    number: None where it reads two bytes a character (FS &), as printers for China do.
    """

    encodings: tuple[str, ...]
    number: int | None


# The numbers are Epson's, which others keep to (ESC t). Of GB18030 many printers know only what GBK had.
TABLES = {
    "west": CharacterTable(("cp858",), 19),
    "windows": CharacterTable(("cp1252",), 16),
    "central": CharacterTable(("cp852",), 18),
    "cyrillic": CharacterTable(("cp866",), 17),
    "chinese": CharacterTable(("gbk", "gb18030"), None),
}
# Characters of a line on paper of 58 mm, and of 80 mm on narrower and wider heads.
COLUMNS = (32, 42, 48)
