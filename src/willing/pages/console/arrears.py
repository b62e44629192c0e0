"""Balances below zero: a list for the office, with a letter or an e-mail to the families."""

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.money import write_minor
from willing.documents.arrears_letter import arrears_letter
from willing.documents.pdf import letters_to_pdf
from willing.meals.owed import Arrears, arrears, mail_about_arrears, record_letters
from willing.pages.console.helpers import show, user_of
from willing.pages.console.meals import csv_answer
from willing.pages.console.roles import OFFICE
from willing.pages.console.view_log import record_views
from willing.people.errors import unknown_person
from willing.people.look import look_of


@require_safe
@allow_roles(*OFFICE)
def arrears_page(request: PageRequest) -> HttpResponse:
    """Show whose balance is below zero. The look at the names is in the log."""
    found = arrears(request.school)
    record_views([one.person for one in found], by=user_of(request))
    context = {"rows": found, "total_minor": sum(one.owed_minor for one in found)}
    return show(request, "console/meals/arrears.html", context)


@require_safe
@allow_roles(*OFFICE)
def arrears_csv(request: PageRequest) -> HttpResponse:
    """Give the same as a list."""
    found = arrears(request.school)
    record_views([one.person for one in found], by=user_of(request))
    zone = ZoneInfo(request.school.time_zone)
    headings = [_("Class"), _("Till number"), _("Name"), _("Below zero"), _("Last paid in")]
    rows = [
        [
            one.person.year_group.name if one.person.year_group else "",
            one.person.till_number,
            one.person.full_name,
            write_minor(one.owed_minor, request.school.currency),
            one.last_paid_in.astimezone(zone).date().isoformat() if one.last_paid_in else "",
        ]
        for one in found
    ]
    return csv_answer("balances-below-zero", headings, rows)


@require_POST
@allow_roles(*OFFICE)
def letters(request: PageRequest) -> HttpResponse:
    """Give the letters as one PDF, for one person or for all, each in its family's language."""
    chosen = _chosen(request)
    if not chosen:
        messages.info(request, _("No balance is below zero."))
        return redirect("console:arrears")
    school = request.school
    pdf = letters_to_pdf([arrears_letter(school, one) for one in chosen], look_of(school))
    record_letters(chosen, by=user_of(request))
    headers = {"Content-Disposition": 'inline; filename="willing-letters.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@require_POST
@allow_roles(*OFFICE)
def mails(request: PageRequest) -> HttpResponse:
    """Write to the families who want such e-mail, for one person or for all."""
    sent = mail_about_arrears(_chosen(request), by=user_of(request))
    text = ngettext("%(count)s e-mail is on its way.", "%(count)s e-mails are on their way.", sent)
    messages.success(request, text % {"count": sent})
    return redirect("console:arrears")


def _chosen(request: PageRequest) -> Sequence[Arrears]:
    """Return the person that the form names, or all. Raises Refused unknown_person."""
    found = arrears(request.school)
    named = request.POST.get("person", "")
    if not named:
        return found
    try:
        wanted = UUID(named)
    except ValueError:
        raise unknown_person() from None
    return [one for one in found if one.person.id == wanted]
