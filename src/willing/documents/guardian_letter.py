"""The one letter to a guardian, in their language: a code that opens the questions and makes a sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import segno
from django.utils import translation
from django.utils.translation import gettext, ngettext

from willing.accounts.rules import INVITATION_DAYS
from willing.core.codes import show_code
from willing.documents.parts import Document, Drawing, Section
from willing.documents.qr_code import qr_svg
from willing.people.models import Guardian, Person, School


@dataclass(frozen=True)
class LetterOrder:
    """To whom a letter goes, and what it opens. children: in the order of the envelopes.

    code: "" where the guardian has a sign-in, which no letter for many is to replace. address: where the
    code is entered, or where they sign in. has_sign_in: whether a sign-in made with the code replaces one.
    """

    guardian: Guardian
    children: Sequence[Person]
    address: str
    code: str = field(default="", repr=False)
    has_sign_in: bool = False


def guardian_letter(
    school: School, order: LetterOrder, *, asks_about_faces: bool, place: str = ""
) -> Document:
    """Return a guardian's letter. place: which of how many it is, to find it again in a pile."""
    with translation.override(order.guardian.language):
        names = [_child(one) for one in order.children]
        title = gettext("For %(name)s") % {"name": order.guardian.name}
        sections = [
            Section(
                gettext("School lunches of %(children)s") % {"children": gettext(", ").join(names)},
                _what_for(asks_about_faces=asks_about_faces),
            ),
            _code(order) if order.code else _as_always(order),
        ]
        found_by = (one for one in (school.name, *names[:1], place) if one)
        return Document(title, " · ".join(found_by), tuple(sections))


def _child(person: Person) -> str:
    year = person.year_group.name if person.year_group else ""
    return f"{person.full_name} ({year})" if year else person.full_name


def _what_for(*, asks_about_faces: bool) -> tuple[str, ...]:
    see = gettext(
        "On the school's pages you see what your child bought and what the school holds about them."
    )
    if not asks_about_faces:
        return (see,)
    return (
        gettext(
            "We are asking whether your child may pay with their face. Nobody needs to use their face to "
            "eat: a card, a code or a PIN works at the same till and costs nothing."
        ),
        gettext("You can read everything first, say yes or no, and change your mind at any time."),
        see,
    )


def _code(order: LetterOrder) -> Section:
    # Behind the "#", which browsers keep to themselves: no server and no proxy writes the code down.
    square = segno.make_qr(f"{order.address}#{show_code(order.code)}")
    valid = ngettext(
        "The code is for you only and is valid for %(days)s day. The school will never ask you for it.",
        "The code is for you only and is valid for %(days)s days. The school will never ask you for it.",
        INVITATION_DAYS,
    )
    replaces = (
        gettext("You have a sign-in already, which goes on working until you make a new one with this code."),
    )
    return Section(
        gettext("Your code: %(code)s") % {"code": show_code(order.code)},
        (
            gettext("Scan the QR code with your phone, or open %(address)s and enter the code.")
            % {"address": order.address},
            gettext("The one code opens the questions, and with it you can make a sign-in of your own."),
            *(replaces if order.has_sign_in else ()),
            valid % {"days": INVITATION_DAYS},
        ),
        picture=Drawing(qr_svg(square, border=2), gettext("QR code of the address and the code")),
    )


def _as_always(order: LetterOrder) -> Section:
    square = segno.make_qr(order.address)
    return Section(
        gettext("You have a sign-in already"),
        (gettext("Sign in at %(address)s as you always do.") % {"address": order.address},),
        picture=Drawing(qr_svg(square, border=2), gettext("QR code of the address")),
    )
