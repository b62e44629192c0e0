"""What a mail says: in the guardian's language, with a first name and a link.

Nothing else, but in mail of the topics that nobody gets unasked: what those hold, another room knows.
"""

from collections.abc import Callable, Mapping

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from willing.accounts.rules import MAILED_INVITATION_DAYS
from willing.core.codes import show_code
from willing.mail.models import Mail, Topic

# Where the link leads: a page that asks for the guardian's own sign-in, or makes it.
PAGES = {**dict.fromkeys(Topic, "portal:family"), Topic.INVITE: "invitation"}

# What a topic's mail holds beside that, in the active language; set by the room that knows (`apps.ready`).
# "subject" is instead of the topic's own.
Details = Callable[[Mail], Mapping[str, object]]
_details: dict[Topic, Details] = {}


def register_details(topic: Topic, details: Details) -> None:
    """Let a room say what mail about a topic holds."""
    _details[topic] = details


Check = Callable[[Mail], bool]
_checks: dict[Topic, Check] = {}


def check_before_sending(topic: Topic, still_holds: Check) -> None:
    """Let a room say whether what a mail about a topic tells still holds: one that waited may not."""
    _checks[topic] = still_holds


def still_holds(mail: Mail) -> bool:
    """Say whether what a mail tells still holds, as far as a room has asked to be asked."""
    check = _checks.get(Topic(mail.topic))
    return check is None or check(mail)


def text_of(mail: Mail, code: str = "") -> tuple[str, str]:
    """Return subject and text of a mail. code: of the invitation that it carries.

    The code is behind the "#", which browsers keep to themselves: no server and no proxy writes it down.
    """
    school = mail.person.school
    behind = f"#{show_code(code)}" if code else ""
    with translation.override(mail.guardian.language):
        context: dict[str, object] = {
            "given_name": mail.person.given_name,
            "school": school.name,
            "link": f"{school.public_address.rstrip('/')}{reverse(PAGES[Topic(mail.topic)])}{behind}",
            "days": MAILED_INVITATION_DAYS,
        }
        if (details := _details.get(Topic(mail.topic))) is not None:
            context |= details(mail)
        text = render_to_string(f"mail/{mail.topic}.txt", context)
        subject = str(context.get("subject") or subject_of(Topic(mail.topic), school.name))
        return " ".join(subject.split()), text


def subject_of(topic: Topic, school: str) -> str:
    """Return a mail's subject: it names only the school."""
    subjects = {
        Topic.ANSWER: _("%(school)s has answered you"),
        Topic.NOTICE: _("%(school)s needs your answer again"),
        Topic.REFUND: _("%(school)s has refunded a purchase"),
        Topic.ARREARS: _("%(school)s asks you to look at a balance"),
        Topic.INVITE: _("Your sign-in at %(school)s"),
        Topic.PAY_IN: _("%(school)s: money was paid in"),
        Topic.PAY_OUT: _("%(school)s: money was paid out"),
        Topic.LOW: _("%(school)s: the balance is low"),
        Topic.ABSENT: _("%(school)s asks where your child is"),
        Topic.FOOD: _("%(school)s asks about your child's food"),
        Topic.LEAVE: _("%(school)s: your child asks for leave"),
        Topic.CARD: _("%(school)s: a card was reported lost"),
        Topic.BOUGHT: _("%(school)s: receipts of the day"),
    }
    return " ".join((subjects[topic] % {"school": school}).split())
