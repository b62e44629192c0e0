"""What a message about absence says: a first name, which register, what to do; in the guardian's language."""

from collections.abc import Mapping

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from willing.attendance.message_models import AbsenceMessage, ContactTry
from willing.attendance.message_queries import evidence_of, is_settled
from willing.attendance.message_rules import decide_message, may_be_chosen
from willing.attendance.models import RegisterTime
from willing.core.dates import write_day
from willing.mail.models import Mail, Topic
from willing.mail.texts import PAGES, subject_of
from willing.people.queries import today


def still_holds(mail: Mail) -> bool:
    """Say whether a mail about absence is still true: it may have waited for its server for hours."""
    one = ContactTry.objects.filter(mail=mail).select_related("message__person__school").first()
    if one is None:
        return False
    message = one.message
    school = message.person.school
    if message.day != today(school):
        return False
    if one.is_clear:
        return message.state == AbsenceMessage.State.CLEARED
    found = evidence_of(school, message.day, message.number, [message.person_id], but=message.run_id)
    return not is_settled(message) and may_be_chosen(decide_message(found[message.person_id]))


def details(mail: Mail) -> Mapping[str, object]:
    """Return what a mail about absence holds beside a first name and a link, in the active language."""
    one = ContactTry.objects.select_related("message__person__school").get(mail=mail)
    return _words(one)


def _words(one: ContactTry) -> dict[str, object]:
    message = one.message
    school = message.person.school
    time = RegisterTime.objects.filter(school=school, number=message.number).first()
    cleared = message.cleared_as if one.is_clear else ""
    words: dict[str, object] = {
        "cleared": cleared,
        "register": time.name if time else "",
        "day": write_day(message.day),
    }
    if cleared:
        words["subject"] = _("%(school)s: your child is at school") % {"school": school.name}
    return words


def text_for(one: ContactTry) -> str:
    """Return the text of a message for a port, in the active language."""
    school = one.message.person.school
    context = {
        "given_name": one.message.person.given_name,
        "school": school.name,
        "link": f"{school.public_address.rstrip('/')}{reverse(PAGES[Topic.ABSENT])}",
        **_words(one),
    }
    subject = str(context.get("subject") or subject_of(Topic.ABSENT, school.name))
    return f"{subject}\n\n{render_to_string('mail/absent.txt', context).strip()}"
