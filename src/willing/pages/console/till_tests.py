"""Test a till with living faces and pictures: sixty tries by staff, and the results as a paper."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from willing.accounts.access import PageRequest, allow_roles
from willing.biometrics.picture_models import PictureTest
from willing.biometrics.picture_results import (
    TRIES,
    TRIES_EACH,
    Distance,
    Kind,
    NextTry,
    attempts_done,
    finished_tests,
    next_try,
    require_finished_test,
)
from willing.biometrics.picture_tests import (
    begin_try,
    find_open_test,
    finish_test,
    process_try,
    start_test,
    why_not_testable,
)
from willing.biometrics.rules import PAGE_FRAME_BYTES_MAX, SESSION_SECONDS
from willing.core.errors import Refused
from willing.documents.till_test import till_test_report
from willing.pages.console.document_pages import pdf_answer, show_document
from willing.pages.console.helpers import show, user_of
from willing.pages.console.labels import FACES_UNAVAILABLE, TEST_HINTS, TEST_OUTCOMES, TEST_TURNS, UNTESTABLE
from willing.pages.console.roles import TESTS_TILLS
from willing.pages.ui.decorators import uses_camera
from willing.terminals.models import Terminal
from willing.terminals.queries import require_terminal_of


@dataclass(frozen=True)
class TillTestRow:
    """A kind as the plan shows it: how many of its tries are done at each distance."""

    kind: str
    label: str
    done: list[tuple[str, int]]

    @property
    def is_done(self) -> bool:
        """Whether nothing of this kind is left to try."""
        return all(count >= TRIES_EACH for _label, count in self.done)


def _till(request: PageRequest, terminal_id: UUID) -> Terminal:
    found = require_terminal_of(request.school, terminal_id)
    found.school = request.school  # read with its rules
    return found


@uses_camera
@require_safe
@allow_roles(*TESTS_TILLS)
def till_test(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Show what is to be tried next, or why nothing can be, and the tests before."""
    terminal = _till(request, terminal_id)
    cause = why_not_testable(terminal)
    test = None if cause else find_open_test(terminal)
    kind = request.GET.get("kind", "")
    coming = next_try(test, kind) or next_try(test) if test else None
    done = dict(attempts_done(test)) if test else {}
    context = {
        "terminal": terminal,
        "is_administrator": "administrator" in request.roles,
        "cause": _why(cause),
        "test": test,
        "rows": _rows(done),
        "distances": Distance.labels,
        "coming": coming,
        "coming_text": _coming(coming),
        "is_wanted": bool(kind),
        "done": sum(done.values()),
        "all": TRIES,
        "each": TRIES_EACH,
        "seconds": SESSION_SECONDS,
        "finished": finished_tests(terminal),
    }
    return show(request, "console/till_test.html", context)


def _why(cause: str) -> str:
    return (
        str(UNTESTABLE.get(cause) or FACES_UNAVAILABLE.get(cause) or UNTESTABLE["damaged"]) if cause else ""
    )


def _rows(done: dict[tuple[str, str], int]) -> list[TillTestRow]:
    return [
        TillTestRow(
            kind,
            str(Kind(kind).label),
            [(str(Distance(one).label), done.get((kind, one), 0)) for one in Distance.values],
        )
        for kind in Kind.values
    ]


def _coming(coming: NextTry | None) -> str:
    if coming is None:
        return ""
    said = {
        "kind": Kind(coming.kind).label,
        "distance": Distance(coming.distance).label,
        "number": coming.number,
        "each": TRIES_EACH,
    }
    return _("%(kind)s, %(distance)s from the camera, %(number)s of %(each)s") % said


@require_POST
@allow_roles(*TESTS_TILLS)
def start(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Begin a test, once staff have said that everybody before the camera agrees."""
    if request.POST.get("agreed") != "yes":
        messages.error(request, _("Please confirm first that everyone who takes part has agreed."))
        return redirect("console:till-test", terminal_id=terminal_id)
    start_test(_till(request, terminal_id))
    return redirect("console:till-test", terminal_id=terminal_id)


@require_POST
@allow_roles(*TESTS_TILLS)
def begin(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Get ready for one try, and say where its frames go."""
    try:
        began = begin_try(_till(request, terminal_id), request.POST.get("kind", ""))
    except Refused as refused:
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    return JsonResponse({"frames": reverse("console:till-test-frame", args=[terminal_id, began])})


@require_POST
@allow_roles(*TESTS_TILLS)
def frame(request: PageRequest, terminal_id: UUID, try_id: UUID) -> HttpResponse:
    """Look at one frame of a try; the picture is dropped. When the try is over, the page says how."""
    if int(request.headers.get("Content-Length") or 0) > PAGE_FRAME_BYTES_MAX:
        return HttpResponse(status=413)
    try:
        state = process_try(_till(request, terminal_id), try_id, request.body)
    except Refused as refused:
        if refused.code == "frame_not_readable":  # one bad picture among many does not close a try
            return JsonResponse({"state": "looking", "hint": "", "turn": ""})
        return JsonResponse({"refusal": str(refused.message)}, status=409)
    if state.outcome:
        messages.info(request, str(TEST_OUTCOMES[state.outcome]))
        return JsonResponse({"state": "over"})
    hint = str(TEST_HINTS.get(state.hint, ""))
    return JsonResponse({"state": "looking", "hint": hint, "turn": TEST_TURNS.get(state.hint, "")})


@require_POST
@allow_roles(*TESTS_TILLS)
def finish(request: PageRequest, terminal_id: UUID) -> HttpResponse:
    """Finish a test, also before all tries are done: its paper says how many there were."""
    terminal = _till(request, terminal_id)
    try:
        finished = finish_test(terminal, by=user_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
        return redirect("console:till-test", terminal_id=terminal_id)
    return redirect("console:till-test-paper", terminal_id=terminal_id, test_id=finished.pk)


@require_safe
@allow_roles(*TESTS_TILLS)
def results(request: PageRequest, terminal_id: UUID, test_id: UUID) -> HttpResponse:
    """Show the results of a finished test."""
    pdf = reverse("console:till-test-pdf", args=[terminal_id, test_id])
    return show_document(request, till_test_report(_finished(request, terminal_id, test_id)), pdf=pdf)


@require_safe
@allow_roles(*TESTS_TILLS)
def results_pdf(request: PageRequest, terminal_id: UUID, test_id: UUID) -> HttpResponse:
    """Give the results of a finished test as a PDF."""
    return pdf_answer(request, till_test_report(_finished(request, terminal_id, test_id)), "till-test")


def _finished(request: PageRequest, terminal_id: UUID, test_id: UUID) -> PictureTest:
    return require_finished_test(_till(request, terminal_id), test_id)
