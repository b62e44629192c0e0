"""The notice beside a camera."""

from django.utils.translation import gettext

from willing.consent.models import Purpose
from willing.documents.parts import Document, Section, label
from willing.terminals.models import Terminal


def camera_notice(terminal: Terminal) -> Document:
    """Return the sign that hangs beside a terminal with a camera (China's measures of 2025; GDPR 13)."""
    school = terminal.school
    return Document(
        gettext("There is a camera here that can recognise faces"),
        f"{school.name} · {terminal.name}",
        (
            Section(
                gettext("It runs only when you ask it to"),
                (
                    gettext(
                        "It starts when a person presses “Use my face”, and stops by itself within seconds."
                    ),
                    gettext(
                        "Only people who agreed are recognised. No picture is stored, and nothing "
                        "leaves the school."
                    ),
                    gettext(
                        "You do not need to use your face: card, code and PIN work here too and cost nothing."
                    ),
                    gettext("To stop, press “Stop using my face” here, or tell any member of staff."),
                ),
            ),
            Section(
                gettext("Who is responsible"),
                (
                    gettext("%(school)s. Purpose: %(purpose)s. Questions: the school office.")
                    % {"school": school.name, "purpose": label(Purpose, terminal.purpose)},
                ),
            ),
        ),
    )
