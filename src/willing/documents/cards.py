"""Have a card printed: the page with its square comes from a process of its own (documents.card_paper)."""

import base64
import json
import subprocess
import sys
from dataclasses import asdict

from django.utils.translation import get_language, gettext

from willing.core.codes import show_code
from willing.documents.card_paper import CardOrder
from willing.documents.errors import card_not_printed, pdf_font_missing
from willing.documents.fonts import find_font, is_latin
from willing.people.look import look_of
from willing.people.models import Person

SECONDS_MAX = 30


def print_card(person: Person, code: str, address: str) -> bytes:
    """Return an A4 page with a new card, as a PDF that must go nowhere but to the reader.

    address: of the page /c, as families reach it. The card's share is on this page only. The process that
    makes it gets no environment, and so none of this installation's secrets.
    Raises Refused card_not_printed, pdf_font_missing.
    """
    order = json.dumps(asdict(_order(person, code, address))).encode()
    command = [sys.executable, "-I", "-m", "willing.documents.card_paper"]
    try:
        made = subprocess.run(  # noqa: S603  # a fixed command
            command, input=order, capture_output=True, env={}, cwd="/", timeout=SECONDS_MAX, check=True
        )
    except (subprocess.SubprocessError, OSError):
        # Not chained: what the process wrote to its end is no text for a log.
        raise card_not_printed() from None
    return made.stdout


def _order(person: Person, code: str, address: str) -> CardOrder:
    look = look_of(person.school)
    advice = (
        gettext("Cut the card out. Hold its QR code to the reader at the till, or type its code."),
        gettext(
            "Keep it like a key: the QR code also holds a secret that the school does not keep. "
            "Do not photograph it, and do not leave copies in a printer or on a computer."
        ),
        gettext("Lost it? Tell the school office. The old card is stopped at once, and a new one is free."),
    )
    texts = (person.full_name, person.school.name, person.year_group.name if person.year_group else "")
    title = gettext("Card of the school")
    are_latin = is_latin("".join((*texts, title, *advice)))
    if find_font() is None and (get_language() or "").startswith("zh"):
        raise pdf_font_missing()
    return CardOrder(
        code=code,
        address=address,
        name=texts[0],
        school=texts[1],
        year=texts[2],
        shown_code=show_code(code),
        title=title,
        advice=advice,
        colour=look.colour,
        logo=base64.b64encode(look.logo).decode(),
        is_latin=are_latin,
    )
