"""Sheets of cards and of PIN slips; each is made once and goes nowhere but to the reader."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import IO, Any
from uuid import UUID

from django.utils.translation import get_language, gettext

from willing.core.codes import show_code
from willing.credentials.cards import code_of
from willing.credentials.many_pins import DrawnPin
from willing.credentials.print_rules import GRIDS, PrintLayout, sheets_of
from willing.documents.errors import card_not_printed
from willing.documents.pdf import look_data
from willing.documents.typeset import require_font, typeset
from willing.people.look import look_of
from willing.people.models import Person, School

SECONDS_MAX = 120  # for five thousand cards on a slow computer


def card_sheets(
    school: School,
    persons: Sequence[Person],
    layout: PrintLayout,
    *,
    key: UUID,
    address: str,
    note_made: Callable[[int], None],
) -> bytes:
    """Return cards on sheets, as a PDF that must go nowhere but to the reader.

    key: the run's, of which each card's code follows. address: of the page /c, as families reach it. The
    shares are on these sheets only: the process that makes them gets no environment, and so none of this
    installation's secrets. Raises Refused card_not_printed, pdf_font_missing.
    """
    language = get_language() or "en"
    require_font(language)
    codes = [code_of(person, key) for person in persons]
    order = {
        **_order(school, gettext("Cards"), layout, len(persons)),
        "language": language,
        "address": address,
        "alt": gettext("QR code of the card"),
        "bars_alt": gettext("Bar code of the card"),
        "pieces": [
            {**_piece(person), "code": code, "shown_code": show_code(code)}
            for person, code in zip(persons, codes, strict=True)
        ],
    }
    try:
        return _run("willing.documents.card_sheets", order, note_made)
    except (subprocess.SubprocessError, OSError):
        # Not chained: what the process wrote to its end is no text for a log.
        raise card_not_printed() from None


def pin_slips(school: School, drawn: Mapping[Person, DrawnPin], layout: PrintLayout) -> bytes:
    """Return slips with till numbers and new PINs, as a PDF that must go nowhere but to the reader.

    Raises Refused document_not_made, pdf_font_missing.
    """
    number, pin = gettext("Till number"), gettext("PIN")
    order = {
        **_order(school, gettext("PIN slips"), layout, len(drawn)),
        "language": get_language() or "en",
        "pieces": [
            {**_piece(person), "values": [[number, str(person.till_number)], [pin, one.pin]]}
            for person, one in drawn.items()
        ],
    }
    return typeset("slips", order)


def _order(school: School, title: str, layout: PrintLayout, count: int) -> dict[str, Any]:
    sheets = sheets_of(layout, count)
    feet = [
        gettext("Sheet %(number)s of %(sheets)s") % {"number": number, "sheets": sheets}
        for number in range(1, sheets + 1)
    ]
    grid = GRIDS[layout]
    return {
        "title": title,
        "grid": asdict(grid),
        "page": grid.sheet.size_mm,
        "feet": feet,
        **look_data(look_of(school)),
        "sheet": grid.sheet.value,  # of the labels that were chosen
    }


def _piece(person: Person) -> dict[str, str]:
    return {"name": person.full_name, "year": person.year_group.name if person.year_group else ""}


def _run(module: str, order: Mapping[str, Any], note_made: Callable[[int], None]) -> bytes:
    """Return what a module makes of an order, in a process without environment; hear how far it is.

    Raises SubprocessError or OSError where it fails; it says on no page and in no log why.
    """
    command = [sys.executable, "-I", "-m", module]
    pipe = subprocess.PIPE
    made: list[bytes] = []
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env={}, cwd="/") as process:  # noqa: S603
        watch = threading.Timer(SECONDS_MAX, process.kill)
        reader = threading.Thread(target=_read, args=(process.stdout, made))
        watch.start()
        reader.start()
        try:
            _write(process.stdin, json.dumps(order).encode())
            for line in process.stderr or ():
                if line.strip().isdigit():
                    note_made(int(line))
            reader.join()
        finally:
            watch.cancel()
            process.kill()  # gone already, unless something above was raised
        code = process.wait()
    if code != 0 or not made:
        raise subprocess.SubprocessError
    return made[0]


def _read(pipe: IO[bytes] | None, into: list[bytes]) -> None:
    assert pipe is not None, "what was asked for"
    into.append(pipe.read())


def _write(pipe: IO[bytes] | None, content: bytes) -> None:
    assert pipe is not None, "what was asked for"
    with pipe:
        pipe.write(content)
