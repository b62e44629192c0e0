"""Have a card printed: the page with its square comes from a process of its own (documents.card_paper)."""

import subprocess
from dataclasses import asdict

from django.utils.translation import get_language, gettext

from willing.core.codes import show_code
from willing.documents.card_paper import CardOrder
from willing.documents.errors import card_not_printed
from willing.documents.pdf import logo_svg
from willing.documents.typeset import require_font, run_compositor
from willing.people.look import look_of
from willing.people.models import Person


def print_card(person: Person, code: str, address: str, *, has_copy: bool = False) -> bytes:
    """Return a page with a new card, as a PDF that must go nowhere but to the reader.

    address: of the page /c, as families reach it. has_copy: the same card once more, for the family to keep,
    since it can't be printed again. The card's share is on this page only. The process that
    makes it gets no environment, and so none of this installation's secrets.
    Raises Refused card_not_printed, pdf_font_missing.
    """
    order = _order(person, code, address, has_copy=has_copy)
    require_font(order.language)
    try:
        return run_compositor("willing.documents.card_paper", asdict(order))
    except (subprocess.SubprocessError, OSError):
        # Not chained: what the process wrote to its end is no text for a log.
        raise card_not_printed() from None


def _order(person: Person, code: str, address: str, *, has_copy: bool) -> CardOrder:
    look = look_of(person.school)
    advice = (
        gettext("Cut the card out. Hold its QR code to the reader at the till, or type its code."),
        gettext(
            "Keep it like a key: the QR code also holds a secret that the school does not keep. "
            "Do not photograph it, and do not leave copies in a printer or on a computer."
        ),
        gettext("Lost it? Tell the school office. The old card is stopped at once, and a new one is free."),
    )
    return CardOrder(
        code=code,
        address=address,
        name=person.full_name,
        school=person.school.name,
        year=person.year_group.name if person.year_group else "",
        shown_code=show_code(code),
        title=gettext("Card of the school"),
        advice=advice,
        alt=gettext("QR code of this card"),
        language=get_language() or "en",
        colour=look.colour,
        logo=logo_svg(look.logo),
        sheet=look.sheet.value,
        copy=_copy() if has_copy else (),
    )


def _copy() -> tuple[str, ...]:
    return (
        gettext("A copy to keep at home"),
        gettext(
            "It does all that the card does, so keep it where nobody else comes. If the card or this copy is "
            "lost, tell the school office: both are stopped together."
        ),
    )
