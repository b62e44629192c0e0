"""A document as a page and as a PDF, and a form whose refusal becomes its own error."""

from collections.abc import Callable

from django import forms
from django.http import HttpResponse

from willing.accounts.access import PageRequest
from willing.core.errors import Refused
from willing.documents.parts import Document
from willing.documents.pdf import to_pdf
from willing.pages.console.helpers import show
from willing.people.look import look_of


def is_officer(request: PageRequest) -> bool:
    """Say whether the data protection officer reads the page."""
    return "dpo" in request.roles


def submit(form: forms.Form, deed: Callable[[], object]) -> bool:
    """Do a deed with a form's values. A refusal becomes the form's own error; say whether it was done."""
    if not form.is_valid():
        return False
    try:
        deed()
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return False
    return True


def show_document(
    request: PageRequest,
    document: Document,
    *,
    template: str = "console/protection/document.html",
    status: int = 200,
    **extra: object,
) -> HttpResponse:
    """Show a document in a template of its own, or in the plain one."""
    return show(request, template, {"document": document, **extra}, status=status)


def pdf_answer(request: PageRequest, document: Document, name: str) -> HttpResponse:
    """Give a document as a PDF called `willing-NAME.pdf`, which no cache keeps."""
    headers = {"Content-Disposition": f'inline; filename="willing-{name}.pdf"', "Cache-Control": "no-store"}
    pdf = to_pdf(document, look_of(request.school))
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)
