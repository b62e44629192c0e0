"""Messages about absences without a reason: who, why or why not, held with undo, sent, taken back."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.attendance.answering import mark_here, note_reached
from willing.attendance.contacting import try_next_contact
from willing.attendance.contacts import confirm_contact, contacts_to_check
from willing.attendance.message_models import AbsenceMessage, ContactTry, MessageRun
from willing.attendance.message_ports import find_port, has_gate
from willing.attendance.message_queries import (
    MAIL,
    UnexplainedPupil,
    is_settled,
    message_settings,
    messages_of,
    require_message,
    require_run,
    runs_on,
    unexplained_on,
    ways_of,
)
from willing.attendance.message_rules import (
    LOOK_SECONDS_MAX,
    MessageRunState,
    MessageVerdict,
    count_down,
    may_be_chosen,
)
from willing.attendance.messages import confirm_families, set_messages, stage_messages, undo_messages
from willing.attendance.models import Register
from willing.attendance.queries import find_settings, times_of
from willing.core.clock import now
from willing.core.errors import Refused
from willing.pages.console.helpers import back_to_person, show, user_of
from willing.pages.console.roles import MESSAGES_FAMILIES
from willing.pages.console.view_log import record_views
from willing.people.guardians import set_contact_order
from willing.people.models import School
from willing.people.queries import (
    contacts_of,
    require_guardian,
    require_guardian_of,
    require_person,
    today,
)

CONTACTS_SHOWN = 100  # of each list; in the first week of a term it is everyone
# Why a family is messaged, or why not, by what decided it.
VERDICTS = {
    MessageVerdict.MESSAGE: gettext_lazy(
        "Nobody has marked them here today, and no leave, illness, trip or sign-out is known."
    ),
    MessageVerdict.HERE: gettext_lazy("Not messaged: a person has marked them here since."),
    MessageVerdict.MARKED: gettext_lazy("Not messaged: the mark has been changed since."),
    MessageVerdict.HERE_EARLIER: gettext_lazy(
        "They were marked here earlier today. Look for them at school first; tick them to message the family."
    ),
    MessageVerdict.LEAVE: gettext_lazy("Not messaged: leave is known."),
    MessageVerdict.ILLNESS: gettext_lazy("Not messaged: illness was reported."),
    MessageVerdict.TRIP: gettext_lazy("Not messaged: they are on a trip."),
    MessageVerdict.CODE_SET: gettext_lazy("Not messaged: the office set a code for them."),
    MessageVerdict.SIGNED_OUT: gettext_lazy("Not messaged: they were signed out."),
    MessageVerdict.GATE: gettext_lazy(
        "Not messaged: they came in through a gate today. Look for them at school."
    ),
    MessageVerdict.MESSAGED: gettext_lazy("Their family was messaged already, or is about to be; see below."),
}
REASONS = {**{one.value: text for one, text in VERDICTS.items()},
    "undone": gettext_lazy("Not messaged: it was undone."),
    "lapsed": gettext_lazy("Not messaged: the day was over."),
}  # fmt: skip
FAULTS = {
    "no_server": gettext_lazy("no mail server is set up"),
    "no_address": gettext_lazy("no e-mail address"),
    "refused": gettext_lazy("the address was refused"),
    "not_wanted": gettext_lazy("they want no e-mail about this"),
}
ANSWERS = {
    "ill": gettext_lazy("says: ill"),
    "away": gettext_lazy("says: knows where they are"),
    "should_be_there": gettext_lazy("says: should be at school"),
}


@require_safe
@allow_roles(*MESSAGES_FAMILIES)
def absence_messages(request: PageRequest) -> HttpResponse:
    """Show who is absent without a reason today, what waits, and what was sent."""
    school = request.school
    if find_settings(school) is None:
        return show(request, "console/attendance/empty.html", {"may_set_up": True})
    day = today(school)
    times = {one.number: one.name for one in times_of(school)}
    found = _unexplained(school, day, times)
    runs = [_shown_run(school, one, times) for one in runs_on(school, day)]
    persons = {one.person for part in found for one, _text, _box in part["rows"]}
    persons |= {line["message"].person for run in runs for line in run["lines"]}
    record_views(list(persons), by=user_of(request))
    context = {
        "day": day,
        "parts": found,
        "waiting": [
            one for one in runs if one["run"].state in (MessageRunState.STOPPED, MessageRunState.HELD)
        ],
        "done": [
            one for one in runs if one["run"].state not in (MessageRunState.STOPPED, MessageRunState.HELD)
        ],
        "has_gate": has_gate(school),
        "settings": message_settings(school),
    }
    return show(request, "console/attendance/messages.html", context)


def _unexplained(school: School, day: date, times: dict[int, str]) -> list[dict[str, Any]]:
    numbers = Register.objects.filter(group__school=school, day=day, closed_at__isnull=False)
    parts = []
    for number in sorted(set(numbers.values_list("number", flat=True))):
        rows = unexplained_on(school, day, number)
        if rows:
            open_ones = [one for one in rows if may_be_chosen(one.verdict)]
            parts.append(
                {
                    "number": number,
                    "name": times.get(number, ""),
                    "rows": [_row(one) for one in rows if one.verdict is not MessageVerdict.MESSAGED],
                    "count": len(rows),
                    "open": len(open_ones),
                }
            )
    return [one for one in parts if one["rows"]]


def _row(one: UnexplainedPupil) -> tuple[UnexplainedPupil, str, str]:
    """Return a pupil, why they are messaged or not, and the box: "ticked", "empty", or "" for none."""
    box = {MessageVerdict.MESSAGE: "ticked", MessageVerdict.HERE_EARLIER: "empty"}.get(one.verdict, "")
    return one, str(VERDICTS[one.verdict]), box


def _shown_run(school: School, run: MessageRun, times: dict[int, str]) -> dict[str, Any]:
    lines = messages_of(run)
    ways = ways_of(school, [one.person_id for one in lines])
    left = count_down(run.seconds_left, run.looked_at, now(), at_most=LOOK_SECONDS_MAX)
    return {
        "run": run,
        "name": times.get(run.number, ""),
        "minutes_left": -(-left // 60),
        "seconds_left": left,
        "lines": [_line(one, ways[one.person_id]) for one in lines],
        "pupils": len(lines),
    }


def _line(message: AbsenceMessage, ways: Sequence[Any]) -> dict[str, Any]:
    tries = sorted(message.tries.all(), key=lambda one: one.begun_at)
    tried = {(one.guardian_id, one.channel) for one in tries if not one.is_clear}
    is_sent = message.state == AbsenceMessage.State.SENT
    return {
        "message": message,
        "reason": REASONS.get(message.reason, ""),
        "tries": [(one, _channel(one.channel), ANSWERS.get(one.answer, "")) for one in tries],
        "unreached": [(one.guardian, FAULTS[one.fault]) for one in ways if one.fault in FAULTS],
        "telephone": [one.guardian for one in ways if one.channel == MAIL and one.guardian.phone],
        "is_open": is_sent and not is_settled(message),
        "is_sent": is_sent,
        "is_worrying": is_sent and any(one.answer == "should_be_there" for one in tries),
        "has_next": any(not one.fault and one.key not in tried for one in ways),
        "is_unreachable": is_sent and not tried,
        "may_be_here": message.state in (AbsenceMessage.State.WAITING, AbsenceMessage.State.SENT),
        "is_failed": any(one.state == ContactTry.State.FAILED for one in tries),
    }


def _channel(name: str) -> str:
    port = find_port(name)
    return _("e-mail") if name == MAIL else port.label if port else name


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def stage(request: PageRequest) -> HttpResponse:
    """Stage messages to the families that are ticked."""
    chosen, number = _ids(request.POST.getlist("person")), request.POST.get("number", "")
    try:
        run = stage_messages(
            request.school,
            today(request.school),
            int(number) if number.isdecimal() and len(number) < 4 else 0,
            chosen,
            by=user_of(request),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        if run.state == MessageRunState.HELD:
            messages.success(request, _("Held for ten minutes. Nobody is messaged before; you can undo it."))
        else:
            messages.warning(request, _("Stopped. Nobody is messaged until you type the number of families."))
    return redirect("console:absence-messages")


def _ids(texts: Sequence[str]) -> set[UUID]:
    found = set()
    for text in texts:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def confirm(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Let a run above the cap be held, where the number was typed."""
    run, typed = require_run(request.school, run_id), request.POST.get("families", "").strip()
    try:
        number = int(typed) if typed.isdecimal() and len(typed) < 7 else -1
        confirm_families(run, number, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Held for ten minutes. Nobody is messaged before; you can undo it."))
    return redirect("console:absence-messages")


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def undo(request: PageRequest, run_id: UUID) -> HttpResponse:
    """Undo messages that wait."""
    try:
        undone = undo_messages(require_run(request.school, run_id), by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        text = ngettext(
            "Undone. Nobody was messaged about %(count)s pupil.",
            "Undone. Nobody was messaged about %(count)s pupils.",
            undone,
        )
        messages.success(request, text % {"count": undone})
    return redirect("console:absence-messages")


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def here(request: PageRequest, message_id: UUID) -> HttpResponse:
    """Record that a pupil is here and was marked wrongly."""
    try:
        number = mark_here(require_message(request.school, message_id), by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        text = ngettext(
            "Marked as here. %(count)s person who was messaged gets a correction.",
            "Marked as here. %(count)s people who were messaged get a correction.",
            number,
        )
        said = text % {"count": number} if number else _("Marked as here. Nobody had been messaged.")
        messages.success(request, said)
    return redirect("console:absence-messages")


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def reached(request: PageRequest, message_id: UUID) -> HttpResponse:
    """Record that the family was reached."""
    note_reached(require_message(request.school, message_id), by=user_of(request))
    messages.success(request, _("Recorded: you reached the family. No other contact is messaged."))
    return redirect("console:absence-messages")


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def next_contact(request: PageRequest, message_id: UUID) -> HttpResponse:
    """Message the next contact now."""
    if try_next_contact(require_message(request.school, message_id), by=user_of(request)):
        messages.success(request, _("The next contact is messaged now."))
    else:
        messages.warning(request, _("There is no other contact whom a message reaches. Please telephone."))
    return redirect("console:absence-messages")


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def settings(request: PageRequest) -> HttpResponse:
    """Set whether messages are staged by themselves, and when the next contact is messaged."""
    typed = request.POST.get("next_minutes", "").strip()
    try:
        set_messages(
            request.school,
            is_automatic="automatic" in request.POST,
            next_minutes=(int(typed) if typed.isdecimal() and len(typed) < 4 else 0) if typed else None,
            by=user_of(request),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Saved."))
    return redirect("console:absence-messages")


@require_safe
@allow_roles(*MESSAGES_FAMILIES)
def contacts(request: PageRequest) -> HttpResponse:
    """List whom the school may no longer reach: not confirmed this term, refused, or nobody at all."""
    rows = contacts_to_check(request.school)
    failing = [one for one in rows if one.fault or one.guardian is None]
    unconfirmed = [one for one in rows if one.is_due and not one.fault]
    shown = [*failing[:CONTACTS_SHOWN], *unconfirmed[:CONTACTS_SHOWN]]
    record_views(list({one.person for one in shown}), by=user_of(request))
    context = {
        "failing": [(one, FAULTS.get(one.fault, "")) for one in failing[:CONTACTS_SHOWN]],
        "failing_more": max(0, len(failing) - CONTACTS_SHOWN),
        "unconfirmed": unconfirmed[:CONTACTS_SHOWN],
        "unconfirmed_more": max(0, len(unconfirmed) - CONTACTS_SHOWN),
    }
    return show(request, "console/attendance/contacts.html", context)


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def confirm_reached(request: PageRequest, guardian_id: UUID) -> HttpResponse:
    """Record that the office reached a guardian at what it has."""
    confirm_contact(require_guardian(request.school, guardian_id), by=user_of(request))
    messages.success(request, _("Confirmed for this term."))
    return redirect("console:contacts-to-check")


@require_POST
@allow_roles(*MESSAGES_FAMILIES)
def reach_first(request: PageRequest, person_id: UUID, guardian_id: UUID) -> HttpResponse:
    """Let a guardian be the first whom the school reaches about a pupil; the others follow as before."""
    person = require_person(request.school, person_id)
    guardian = require_guardian_of(person, guardian_id)
    others = [one.id for one in contacts_of([person.id])[person.id] if one != guardian]
    set_contact_order(person, [guardian.id, *others], by=user_of(request).pk)
    messages.success(request, _("Reached first from now on."))
    return back_to_person(person, "family")
