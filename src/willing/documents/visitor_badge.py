"""A visitor's badge with its code, and the notice that hangs at the desk or lies on it."""

from typing import Any

from django.utils.translation import get_language, gettext

from willing.consent.retention import require_kind
from willing.core.codes import show_code
from willing.core.dates import write_day
from willing.documents.parts import Document, Section
from willing.documents.pdf import look_data
from willing.documents.qr_code import qr_text_svg
from willing.documents.typeset import typeset
from willing.people.look import look_of
from willing.people.models import School
from willing.visits.models import Visit


def print_badge(visit: Visit, code: str) -> bytes:
    """Return a page with a visitor's badge, as a PDF that must go nowhere but to the reader.

    code: shown here only. Raises Refused document_not_made, pdf_font_missing.
    """
    what = visit.get_kind_display()
    if visit.badge_number is not None:
        what = gettext("%(kind)s, badge %(number)s") % {"kind": what, "number": visit.badge_number}
    data: dict[str, Any] = {
        "title": gettext("Visitor's badge"),
        "language": get_language() or "en",
        **look_data(look_of(visit.school)),
        "advice": [
            gettext(
                "Wear this badge where it can be seen. Its code opens the gate today, until you sign out."
            ),
            gettext("You visit %(host)s. In a fire go with them to the assembly point.")
            % {"host": visit.host.get_short_name()},
            gettext("Before you leave, sign out at the desk and give the badge back."),
            _kept(),
        ],
        "card": {
            "name": visit.name,
            "school": visit.school.name,
            "year": what,
            "day": write_day(visit.day),  # who meets the visitor reads whether the badge is one of today
            "shown_code": show_code(code),
            "drawn": qr_text_svg(code),
            "alt": gettext("QR code of this badge"),
        },
        "copy": [],
    }
    return typeset("card", data)


def _kept() -> str:
    return gettext(
        "The school keeps your name, your firm, whom you visit and what for, when you came and left and the "
        "number of your badge, for %(days)s days; where your badge opens a gate, which one and when, for "
        "%(gate_days)s days. No photograph is taken and no face is recognised."
    ) % {"days": require_kind("visits").days, "gate_days": require_kind("passages").days}


def visitor_notice(school: School) -> Document:
    """Return the notice for visitors, to hang at the desk (GDPR 13)."""
    return Document(
        gettext("For our visitors"),
        school.name,
        (
            Section(
                gettext("While you are here"),
                (
                    gettext("Please sign in at the desk, wear your badge, and sign out before you leave."),
                    gettext(
                        "In a fire go to the assembly point with your host: we look for you by this list."
                    ),
                ),
            ),
            Section(
                gettext("What we keep of you"),
                (
                    _kept(),
                    gettext(
                        "We keep it so that we know who is on the site and find everyone in a fire. Only the "
                        "school reads it, on its own computer. It is deleted automatically."
                    ),
                    gettext(
                        "Ask at the desk to read what is kept of you, to have it corrected, or to take it "
                        "with you as a file."
                    ),
                ),
            ),
            Section(
                gettext("Who is responsible"),
                (gettext("%(school)s. Questions: the school office.") % {"school": school.name},),
            ),
        ),
    )
