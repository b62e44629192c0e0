"""Import a list of people on a page: choose the file, say which column is what, read what changes, import."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.core.errors import Refused
from willing.core.spreadsheets import as_text
from willing.pages.console.helpers import show, user_of
from willing.pages.console.roles import OFFICE
from willing.pages.console.roster_forms import (
    ColumnsForm,
    ImportForm,
    ReadingForm,
    SchoolForm,
    UploadForm,
    field_label,
)
from willing.pages.ui.decorators import answers_when_too_large
from willing.roster.errors import upload_too_large
from willing.roster.import_job import work_of
from willing.roster.list_formats import find_format
from willing.roster.names import named_links
from willing.roster.peek import Peek, guess_columns, peek
from willing.roster.plan import Options, Plan, make_plan
from willing.roster.row_errors import RowFault
from willing.roster.rules import Change
from willing.roster.undo import undoable_import, undoable_until
from willing.roster.uploads import (
    BYTES_MAX,
    Upload,
    choose_options,
    keep_upload,
    require_upload,
)

LISTED = 200
OUTCOMES = ("leaving", "held", "returning", "changed", "added")


@answers_when_too_large(upload_too_large)
@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def choose_file(request: PageRequest) -> HttpResponse:
    """Take the file, and go on to its columns; nothing of it is imported yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    upload_id = keep_file(request, form) if request.method == "POST" else None
    if upload_id is not None:
        return redirect("console:import-columns", upload_id=upload_id)
    last = undoable_import(request.school)
    context = {"form": form, "last": last, "until": undoable_until(last) if last else None}
    return show(request, "console/import/file.html", context, status=422 if form.errors else 200)


def keep_file(request: PageRequest, form: UploadForm) -> UUID | None:
    """Keep the file that was chosen and return its id; None where the form now says what is wrong."""
    if not form.is_valid():
        return None
    sent = form.cleaned_data["file"]
    if sent.size > BYTES_MAX:
        form.add_error("file", str(upload_too_large().message))
        return None
    return keep_upload(sent.name, sent.read(), user_id=user_of(request).pk)


def upload_of(request: PageRequest, upload_id: UUID) -> Upload:
    """Return an upload of whoever asks. Raises Refused upload_gone."""
    return require_upload(upload_id, user_id=user_of(request).pk)


@require_http_methods(["GET", "POST"])
@allow_roles(*OFFICE)
def choose_columns(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Show the first rows and ask which column holds what, as the last list had them."""
    upload = upload_of(request, upload_id)
    known = find_format(request.school)
    reading = ReadingForm(request.GET if "header_line" in request.GET else None)
    is_read = reading.is_bound and reading.is_valid()
    encoding, header_line = (known.encoding, known.header_line) if known else ("", 0)
    if is_read:
        encoding, header_line = reading.cleaned_data["encoding"], reading.cleaned_data["header_line"]
    seen = peek(upload.name, upload.content, encoding=encoding, header_line=header_line)
    if seen.fault and not is_read and known:  # written in another way than the last one
        encoding, seen = "", peek(upload.name, upload.content)
    if seen.is_bundle:
        return _choose_school(request, upload, seen)
    initial = _initial_columns(seen, known.columns if known else {})
    initial["date_form"] = known.date_form if known else ""
    posted = request.POST if request.method == "POST" else None
    columns = ColumnsForm(posted, initial=initial, columns=seen.columns)
    if request.method == "POST" and columns.is_valid():
        chosen = {
            "encoding": encoding,
            "header_line": seen.header_line,
            "columns": columns.chosen,
            "date_form": columns.cleaned_data["date_form"],
            "absent_stay": columns.cleaned_data["absent_stay"],
        }
        choose_options(upload, chosen)
        return redirect("console:import-preview", upload_id=upload_id)
    if not reading.is_bound:
        reading = ReadingForm(initial={"encoding": encoding, "header_line": seen.header_line or 1})
    context = {"upload": upload, "seen": seen, "reading": reading, "columns": columns}
    return show(request, "console/import/columns.html", context, status=422 if columns.errors else 200)


def _choose_school(request: PageRequest, upload: Upload, seen: Peek) -> HttpResponse:
    """Ask which school of a bundle this is; not where there is one only, or one is remembered."""
    known = {org for org, _name in seen.schools}
    if len(known) < 2 or request.school.external_id in known:
        return redirect("console:import-preview", upload_id=upload.id)
    form = SchoolForm(request.POST if request.method == "POST" else None, schools=seen.schools)
    if form.is_valid():
        choose_options(upload, {"org": form.cleaned_data["org"]})
        return redirect("console:import-preview", upload_id=upload.id)
    context = {"upload": upload, "form": form}
    return show(request, "console/import/school.html", context, status=422 if form.errors else 200)


def _initial_columns(seen: Peek, known: dict[str, str | None]) -> dict[str, Any]:
    """Return the columns of the last list where this one has the same, else what their names suggest."""
    chosen = {field: column for field, column in known.items() if column}
    if chosen and all(column in seen.columns for column in chosen.values()):
        return dict(chosen)
    return dict(guess_columns(seen.columns))


def _plan(request: PageRequest, upload: Upload, *, release: bool = False) -> Plan:
    options = Options(**upload.options, release=release)
    return make_plan(request.school, Path(upload.name), options, content=upload.content)


@require_safe
@allow_roles(*OFFICE)
def preview(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Show what the import would change, and which rows are refused; nothing is written."""
    upload = upload_of(request, upload_id)
    work = work_of(upload_id, user_id=upload.user_id) if "refused" in request.GET else None
    with _plan(request, upload, release="release" in request.GET) as planned:
        return _show_preview(request, upload, planned, work.refusal if work else None)


def _show_preview(
    request: PageRequest, upload: Upload, planned: Plan, refusal: Refused | None = None
) -> HttpResponse:
    changes = planned.changes(LISTED)
    counts = planned.counts
    form = ImportForm(initial={"digest": planned.digest, "release": planned.options.release})
    context = {
        "upload": upload,
        "planned": planned,
        "counts": counts,
        "groups": [(one, _named(one), _count(planned, one), _of(changes, one)) for one in OUTCOMES],
        "links": named_links(request.school, planned, LISTED),
        "faults": _placed(planned.faults[:LISTED]),
        "notes": _placed(planned.staging.faults(notes=True, limit=LISTED)),
        "form": form,
        "refusal": refusal,
        "has_columns": bool(upload.options),
        "is_empty": not (counts.added or counts.changed or counts.returning or counts.leaving or counts.linked
                         or counts.unlinked or counts.guardians_added or counts.guardians_changed),
    }  # fmt: skip
    status = 409 if refusal else 200
    return show(request, "console/import/preview.html", context, status=status)


def _placed(faults: Sequence[RowFault]) -> list[tuple[RowFault, str]]:
    return [(one, field_label(one.column)) for one in faults]


def _of(changes: Sequence[Change], outcome: str) -> list[Change]:
    return [one for one in changes if one.outcome == outcome]


def _count(planned: Plan, outcome: str) -> int:
    return int(getattr(planned.counts, "leaving_held" if outcome == "held" else outcome))


def _named(outcome: str) -> str:
    return {
        "leaving": _("Leaving"),
        "held": _("Would be leaving"),
        "returning": _("Returning"),
        "changed": _("Changed"),
        "added": _("New"),
    }[outcome]


@require_GET
@allow_roles(*OFFICE)
def refused_rows(request: PageRequest, upload_id: UUID) -> HttpResponse:
    """Return the refused rows as a list to work through: where and why, never what is in them."""
    upload = upload_of(request, upload_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="refused-rows.csv"'
    response.headers["Cache-Control"] = "no-store"
    response.write("\ufeff")  # a spreadsheet would take UTF-8 for something else
    writer = csv.writer(response)
    writer.writerow([_("File"), _("Line"), _("Column"), _("Reason"), _("Code")])
    with _plan(request, upload) as planned:
        writer.writerows(
            [as_text(one.file), one.line, as_text(label), one.reason, one.code]
            for one, label in _placed(planned.faults)
        )
    return response
