"""What the school asked a guardian about an absence, their answer, whether it still reaches them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import allow_guardians
from willing.attendance.answering import answer_message
from willing.attendance.contacts import confirm_contact
from willing.attendance.message_queries import own_attempts
from willing.attendance.message_rules import FamilyAnswer
from willing.attendance.queries import times_of
from willing.core.errors import Refused
from willing.pages.portal.access import FamilyViewer, show
from willing.people.models import Guardian
from willing.people.queries import today

SHOWN = 50
ANSWERS: dict[str, Promise] = {
    FamilyAnswer.ILL.value: gettext_lazy("You answered: ill today."),
    FamilyAnswer.AWAY.value: gettext_lazy("You answered: you know where they are."),
    FamilyAnswer.SHOULD_BE_THERE.value: gettext_lazy("You answered: should be at school."),
}


@require_safe
def absence_messages(request: HttpRequest, seat: FamilyViewer) -> HttpResponse:
    """Show what the school wrote to this guardian about a child, and the answers; of others nothing."""
    assert seat.guardian is not None
    school = seat.person.school
    times = {one.number: one.name for one in times_of(school)}
    day = today(school)
    rows = [
        {
            "try": one,
            "register": times.get(one.message.number, ""),
            "answer": ANSWERS.get(one.answer, ""),
            "is_open": one.message.day == day and one.message.state == "sent" and not one.is_clear,
        }
        for one in own_attempts(seat.guardian, seat.person)[:SHOWN]
    ]
    return show(request, seat, "portal/absence_messages.html", {"rows": rows})


@require_POST
def answer(request: HttpRequest, seat: FamilyViewer, try_id: UUID) -> HttpResponse:
    """Take a guardian's answer."""
    try:
        answer_message(try_id, request.POST.get("answer", ""), by=seat.user)
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Thank you. The school reads your answer now."))
    return redirect(f"{seat.base}absence-messages/")


@never_cache
@require_POST
@allow_guardians
def still_reached(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Record that the school still reaches a guardian at what it has."""
    confirm_contact(guardian, by=None)
    messages.success(request, _("Thank you. The school asks again next term."))
    return redirect("portal:family")
