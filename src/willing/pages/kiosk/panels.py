"""Panels over the cashier's half: asked for with htmx, or as pages of their own where no script runs."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from willing.pages.kiosk.access import DONE, PANEL, AtTill
from willing.pages.kiosk.screen import ScreenMessage


def show_panel(till: AtTill, name: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Show a panel. After a press in it, which asks for the whole screen, it comes back as a panel too."""
    if not till.is_htmx:
        return render(till.request, "kiosk/panel.html", {**context, "panel": name}, status=status)
    answer = render(till.request, name, dict(context))
    if till.request.method == "POST":
        answer["HX-Retarget"], answer["HX-Reswap"] = f"#{PANEL}", "innerHTML"
    return answer


def close_panel(till: AtTill, notice: ScreenMessage | None = None) -> HttpResponse:
    """Show the whole screen, without the panel."""
    answer = till.show(notice)
    if till.is_htmx:
        answer["HX-Trigger"] = DONE
    return answer
