"""Money by the bank: import a statement, and see to the bookings that nobody's reference was on."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.credentials.queries import search_people
from willing.ops.bank_files import BYTES_MAX, is_list, peek_list, read_bank_file
from willing.pages.console.bank_forms import BankListForm, ListReadingForm, StatementForm
from willing.pages.console.helpers import FOUND_MAX, show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.ui.decorators import answers_when_too_large
from willing.payments.bank_lists import BankListFormat
from willing.payments.bookings import StatementFile
from willing.payments.errors import statement_too_large
from willing.payments.labels import CAUSES, EXPECTED, LEFT_OUT, REASONS
from willing.payments.list_formats import remember_format
from willing.payments.matching import book_line, book_waiting, put_back, set_aside
from willing.payments.preview import preview_statement
from willing.payments.queries import (
    aside_lines,
    find_bank_details,
    require_line,
    statements_of,
    waiting_lines,
)
from willing.payments.statements import store_statement
from willing.payments.suggestions import WaitingLine, suggest
from willing.people.queries import require_person
from willing.roster.uploads import Upload, choose_options, drop_upload, keep_upload, require_upload
from willing.till.school_limits import limits_in_force

LINES_A_PAGE, ASIDE_SHOWN = 20, 100


@require_safe
@allow_roles(*OFFICE)
def bank(request: PageRequest) -> HttpResponse:
    """Show what waits, with suggestions, and the last imports."""
    return _bank(request)


def _bank(request: PageRequest, *, refusal: str = "", asked: str = "", status: int = 200) -> HttpResponse:
    school = request.school
    page = Paginator(waiting_lines(school), LINES_A_PAGE).get_page(request.GET.get("page"))
    aside, is_all = aside_lines(school), request.GET.get("aside") == "all"
    context = {
        "details": find_bank_details(school),
        "page": page,
        "waiting": [_shown(one) for one in suggest(school, list(page.object_list))],
        "aside": aside if is_all else aside[:ASIDE_SHOWN],
        "aside_count": aside.count(),
        "aside_shown": ASIDE_SHOWN,
        "is_all": is_all,
        "statements": statements_of(school),
        "refusal": refusal,
        "asked": asked,
    }
    return show(request, "console/bank/bank.html", context, status=status)


def _shown(one: WaitingLine) -> dict[str, Any]:
    suggestions = [
        {"person": each.person, "why": [REASONS[why] for why in each.why]} for each in one.suggestions
    ]
    return {"line": one.line, "said": one.said, "cause": CAUSES[one.line.cause], "suggestions": suggestions}


@answers_when_too_large(statement_too_large)
@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def choose_statement(request: PageRequest) -> HttpResponse:
    """Take a file of the bank; a list goes to its columns, everything else to the preview."""
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        if sent.size <= BYTES_MAX:
            content = sent.read()
            upload_id = keep_upload(sent.name, content, user_id=user_of(request).pk)
            to = "console:statement-columns" if is_list(sent.name, content) else "console:statement-preview"
            return redirect(to, upload_id=upload_id)
        form.add_error("file", str(statement_too_large().message))
    context = {"form": form, "details": find_bank_details(request.school)}
    return show(request, "console/bank/file.html", context, status=422 if form.errors else 200)


def _upload(request: PageRequest, upload_id: UUID) -> Upload:
    return require_upload(upload_id, user_id=user_of(request).pk)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def choose_columns(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Ask what the columns of a list mean. The choice is remembered for this bank's next list."""
    upload = _upload(request, upload_id)
    reading = ListReadingForm(request.GET if "header_line" in request.GET else None)
    is_read = reading.is_bound and reading.is_valid()
    encoding = reading.cleaned_data["encoding"] if is_read else ""
    header_line = (reading.cleaned_data["header_line"] or 0) if is_read else 0
    if not is_read:
        reading = ListReadingForm(initial={"header_line": 0})
    context: dict[str, Any] = {"upload": upload, "reading": reading, "query": request.GET.urlencode()}
    try:
        seen = peek_list(
            request.school, upload.name, upload.content, encoding=encoding, header_line=header_line
        )
    except Refused as refused:
        context["refusal"] = refused.message
        return show(request, "console/bank/columns.html", context, status=422)
    form = BankListForm.of(seen.columns, seen.format)
    if request.method == "POST":
        form = BankListForm(request.POST, columns=seen.columns)
        if form.is_valid():
            chosen = form.as_format(encoding or seen.format.encoding, header_line or seen.format.header_line)
            if chosen.is_complete:
                choose_options(upload, {"format": asdict(chosen), "columns": list(seen.columns)})
                return redirect("console:statement-preview", upload_id=upload_id)
            form.add_error("amount", _("Please choose the column of the amount, or of money in."))
    context |= {"seen": seen, "form": form}
    return show(request, "console/bank/columns.html", context, status=422 if form.errors else 200)


def _read(request: PageRequest, upload: Upload) -> StatementFile:
    chosen = upload.options.get("format")
    format_ = BankListFormat(**chosen) if chosen else None
    return read_bank_file(request.school, upload.name, upload.content, format_)


@require_safe
@allow_roles(*OFFICE)
def preview(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Show what an import would book and what would wait; nothing is written."""
    upload = _upload(request, upload_id)
    context: dict[str, Any] = {"upload": upload, "has_columns": bool(upload.options)}
    try:
        read = _read(request, upload)
        seen = preview_statement(request.school, read, large_minor=_large(request))
    except Refused as refused:
        return show(request, "console/bank/preview.html", {**context, "refusal": refused.message}, status=422)
    context |= {
        "read": read,
        "seen": seen,
        "lines": [(one, CAUSES[one.cause] if one.cause else "") for one in seen.listed],
        "left_out": [(LEFT_OUT[code], count) for code, count in read.left_out.items() if code in EXPECTED],
        "faults": [(where, LEFT_OUT[code]) for where, code in read.faults[:100]],
    }
    return show(request, "console/bank/preview.html", context)


def _large(request: PageRequest) -> int:
    return limits_in_force(request.school).large_pay_in_minor


@require_POST
@allow_roles(*OFFICE)
def run(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Import what the preview showed. The same file again adds nothing."""
    upload, school = _upload(request, upload_id), request.school
    try:
        read = _read(request, upload)
        stored = store_statement(school, read, by=user_of(request))
    except Refused as refused:
        context = {"upload": upload, "has_columns": bool(upload.options), "refusal": refused.message}
        return show(request, "console/bank/preview.html", context, status=409)
    matched = book_waiting(school, large_minor=_large(request), by=user_of(request))
    if upload.options:
        remember_format(school, upload.options["columns"], BankListFormat(**upload.options["format"]))
    drop_upload(upload.id)
    text = ngettext("%(count)s payment was booked.", "%(count)s payments were booked.", matched.booked)
    messages.success(request, text % {"count": matched.booked})
    if stored.added == 0:
        messages.info(request, _("Everything in this file had been imported before."))
    return redirect("console:bank")


@require_POST
@allow_roles(*OFFICE)
def cancel(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Delete the file; nothing of it was imported."""
    drop_upload(_upload(request, upload_id).id)
    messages.success(request, _("The file is deleted. Nothing was imported."))
    return redirect("console:bank")


@require_safe
@allow_roles(*OFFICE)
def line(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Show one booking that waits, and find whom it is for."""
    found = require_line(request.school, line_id)
    (waiting,) = suggest(request.school, [found])
    text = request.GET.get("q", "").strip()[:100]
    context = {
        "one": _shown(waiting),
        "text": text,
        "people": search_people(request.school, text, limit=FOUND_MAX) if text else [],
    }
    return show(request, "console/bank/line.html", context)


@require_POST
@allow_roles(*OFFICE)
def assign(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Book a waiting booking for a person: one press, and a second one where the sum is large."""
    found = require_line(request.school, line_id)
    try:
        person = require_person(request.school, UUID(request.POST.get("person", "")))
    except ValueError:
        return HttpResponse(status=400)
    confirmed = request.POST.get("confirmed") == str(found.amount_minor)
    try:
        book_line(found.id, person, by=user_of(request), confirmed=confirmed, large_minor=_large(request))
    except Refused as refused:
        if refused.code != "line_sum_large":
            return _bank(request, refusal=str(refused.message), status=409)
        (waiting,) = suggest(request.school, [found])
        context = {"one": _shown(waiting), "asked": person, "text": "", "people": []}
        return show(request, "console/bank/line.html", context, status=409)
    messages.success(request, _("Booked for %(name)s.") % {"name": person.full_name})
    return redirect("console:bank")


@require_POST
@allow_roles(*OFFICE)
def aside(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Set a booking aside that is not for lunch."""
    found = require_line(request.school, line_id)
    if set_aside([found.id], request.school, by=user_of(request)):
        messages.success(request, _("Set aside. Who paid is deleted in a week."))
    return redirect("console:bank")


@require_POST
@allow_roles(*OFFICE)
def back(request: PageRequest, line_id: UUID) -> HttpResponse:
    """Let a booking that was set aside wait again."""
    try:
        put_back(require_line(request.school, line_id).id, by=user_of(request))
    except Refused as refused:
        return _bank(request, refusal=str(refused.message), status=409)
    return redirect("console:bank")
