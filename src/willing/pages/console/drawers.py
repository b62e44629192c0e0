"""The drawers of cash: opened, counted without knowing what should be there, closed with a Z."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.money import write_minor
from willing.documents.drawer_report import drawer_report
from willing.drawers.actions import add_drawer, put_into_drawer, take_from_drawer, take_to_bank, tie_drawer
from willing.drawers.models import Drawer
from willing.drawers.queries import (
    closed_sessions,
    drawers_of,
    holds_minor,
    open_session_of,
    require_drawer,
    require_session,
    tills_without_a_drawer,
)
from willing.drawers.sessions import Close, close_session, correct_closed, count_drawer, open_session
from willing.ledger.models import Account
from willing.pages.console.document_pages import pdf_answer, show_document
from willing.pages.console.drawer_forms import (
    BankingForm,
    CloseForm,
    CorrectionForm,
    CountForm,
    DrawerForm,
    FloatForm,
    MoveForm,
    SumForm,
    TillForm,
)
from willing.pages.console.forms import Keyed
from willing.pages.console.helpers import message_once, show, user_of
from willing.pages.console.meals import csv_answer
from willing.pages.console.roles import READS_MONEY

SHOWN = 50
F = TypeVar("F", bound=Keyed)


def _did(request: PageRequest, form: F, deed: Callable[[F, UUID], object], text: str) -> bool:
    """Do a form's deed and say so once; a refusal becomes the form's own error."""
    if not form.is_valid():
        return False
    key = form.cleaned_data["key"]
    try:
        deed(form, key)
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return False
    message_once(request, key, text)
    return True


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_MONEY)
def drawers(request: PageRequest) -> HttpResponse:
    """List the drawers; add one, or take money to the bank."""
    school, by, sent = request.school, user_of(request), request.POST if request.method == "POST" else None
    is_banking = sent is not None and "kind" in sent
    add = DrawerForm(None if is_banking else sent, tills=tills_without_a_drawer(school))
    bank = BankingForm(sent if is_banking else None, currency=school.currency)

    def take(form: BankingForm, key: UUID) -> None:
        take_to_bank(school, Account.Kind(form.cleaned_data["kind"]), form.amount_minor, key=key, by=by)

    def make(form: DrawerForm, _key: UUID) -> None:
        add_drawer(school, form.cleaned_data["name"], terminal=form.till, by=by)

    if is_banking and _did(request, bank, take, _("It is booked as taken to the bank.")):
        return redirect("console:drawers")
    if sent is not None and not is_banking and _did(request, add, make, _("The drawer is set up.")):
        return redirect("console:drawers")
    context = {
        "rows": [(one, open_session_of(one)) for one in drawers_of(school)],
        "zs": closed_sessions(school)[:SHOWN],
        "add": add,
        "bank": bank,
    }
    return show(request, "console/drawers.html", context, status=200 if sent is None else 422)


@require_safe
@allow_roles(*READS_MONEY)
def drawer(request: PageRequest, drawer_id: UUID) -> HttpResponse:
    """Show a drawer: to open it, or to move, count and close. What should be there shows after the count."""
    return _show_drawer(request, require_drawer(request.school, drawer_id), None)


def _show_drawer(request: PageRequest, found: Drawer, sent: Keyed | None) -> HttpResponse:
    session, currency = open_session_of(found), request.school.currency
    is_counted = session is not None and session.expected_minor == holds_minor(found)
    kept = "0"
    if session is not None and is_counted:
        kept = write_minor(min(session.opening_minor, session.counted_minor or 0), currency)
    forms: dict[str, Keyed] = {
        "open_form": FloatForm(currency=currency),
        "move_form": MoveForm(currency=currency),
        "count_form": CountForm(currency=currency),
        "close_form": CloseForm(currency=currency, initial={"amount": kept}),
        "till_form": _till_form(found, None),
    }
    for name, form in forms.items():
        if sent is not None and type(sent) is type(form):
            forms[name] = sent
    context = {
        "drawer": found,
        "session": session,
        "is_counted": is_counted,
        "zs": closed_sessions(request.school, found)[:SHOWN],
        **forms,
    }
    return show(request, "console/drawer.html", context, status=200 if sent is None else 422)


def _till_form(found: Drawer, sent: QueryDict | None) -> TillForm:
    tills = tills_without_a_drawer(found.school, found)
    return TillForm(sent, tills=tills, initial={"terminal": str(found.terminal_id or "")})


@require_POST
@allow_roles(*READS_MONEY)
def set_till(request: PageRequest, drawer_id: UUID) -> HttpResponse:
    """Put a closed drawer under a till, or into the office."""
    found = require_drawer(request.school, drawer_id)
    form = _till_form(found, request.POST)

    def deed(one: TillForm, _key: UUID) -> None:
        tie_drawer(found, one.till, by=user_of(request))

    if _did(request, form, deed, _("The drawer's till is set.")):
        return redirect("console:drawer", drawer_id=found.id)
    return _show_drawer(request, found, form)


def _press(
    request: PageRequest, drawer_id: UUID, kind: type[SumForm], deed: Callable[..., object], text: str
) -> HttpResponse:
    found = require_drawer(request.school, drawer_id)
    form = kind(request.POST, currency=request.school.currency)
    if _did(request, form, lambda one, key: deed(found, one, key), text):
        return redirect("console:drawer", drawer_id=found.id)
    return _show_drawer(request, found, form)


@require_POST
@allow_roles(*READS_MONEY)
def open_drawer(request: PageRequest, drawer_id: UUID) -> HttpResponse:
    """Open a drawer with its change."""

    def deed(found: Drawer, form: FloatForm, key: UUID) -> None:
        open_session(found, form.amount_minor, key=key, by=user_of(request))

    return _press(request, drawer_id, FloatForm, deed, _("The drawer is open."))


@require_POST
@allow_roles(*READS_MONEY)
def move(request: PageRequest, drawer_id: UUID) -> HttpResponse:
    """Move cash between a drawer and the safe."""

    def deed(found: Drawer, form: MoveForm, key: UUID) -> None:
        act = put_into_drawer if form.cleaned_data["way"] == "in" else take_from_drawer
        act(found, form.amount_minor, key=key, by=user_of(request))

    return _press(request, drawer_id, MoveForm, deed, _("It is booked."))


@require_POST
@allow_roles(*READS_MONEY)
def count(request: PageRequest, drawer_id: UUID) -> HttpResponse:
    """Take the count; the page then shows what should be there."""

    def deed(found: Drawer, form: CountForm, _key: UUID) -> None:
        count_drawer(found, form.amount_minor, by=user_of(request))

    return _press(request, drawer_id, CountForm, deed, _("The count is recorded."))


@require_POST
@allow_roles(*READS_MONEY)
def close(request: PageRequest, drawer_id: UUID) -> HttpResponse:
    """Close a counted drawer and show its Z."""

    def deed(found: Drawer, form: CloseForm, _key: UUID) -> None:
        close_session(found, Close(form.amount_minor, form.cleaned_data["why"]), by=user_of(request))

    answer = _press(request, drawer_id, CloseForm, deed, _("The drawer is closed."))
    zs = closed_sessions(request.school, require_drawer(request.school, drawer_id))
    is_done = answer.status_code < 400
    return redirect("console:drawer-report", session_id=zs[0].id) if is_done else answer


@require_http_methods(["GET", "POST"])
@allow_roles(*READS_MONEY)
def report(request: PageRequest, session_id: UUID) -> HttpResponse:
    """Show an X or a Z. What turns out about a closed day is booked in the drawer's next."""
    session = require_session(request.school, session_id)
    sent = request.POST if request.method == "POST" else None
    form = CorrectionForm(sent, currency=request.school.currency)

    def deed(one: CorrectionForm, key: UUID) -> None:
        amount = one.amount_minor if one.cleaned_data["way"] == "found" else -one.amount_minor
        correct_closed(session, amount, key=key, by=user_of(request))

    is_closed = session.closed_at is not None
    if sent is not None and is_closed and _did(request, form, deed, _("It is booked in the open day.")):
        return redirect("console:drawer", drawer_id=session.drawer_id)
    return show_document(
        request,
        drawer_report(request.school, session),
        template="console/drawer_report.html",
        status=200 if sent is None else 422,
        pdf=reverse("console:drawer-report-pdf", args=[session.id]),
        session=session,
        form=form if is_closed and open_session_of(session.drawer) is not None else None,
    )


@require_safe
@allow_roles(*READS_MONEY)
def report_pdf(request: PageRequest, session_id: UUID) -> HttpResponse:
    """Give an X or a Z as a PDF."""
    session = require_session(request.school, session_id)
    return pdf_answer(request, drawer_report(request.school, session), f"z-{session.z_number or 'open'}")


@require_safe
@allow_roles(*READS_MONEY)
def zs_csv(request: PageRequest) -> HttpResponse:
    """Give every Z as CSV, sums in whole minor units' notation of the currency."""
    currency = request.school.currency
    headings = ("drawer", "z", "day", "closed_at", "expected", "counted", "difference", "kept", "reason")
    rows = [
        (
            one.drawer.name,
            one.z_number,
            one.day.isoformat(),
            one.closed_at.isoformat() if one.closed_at else "",
            *(
                write_minor(sum_ or 0, currency)
                for sum_ in (one.expected_minor, one.counted_minor, one.difference_minor, one.kept_minor)
            ),
            one.why,
        )
        for one in closed_sessions(request.school)
    ]
    return csv_answer("drawers", headings, rows)
