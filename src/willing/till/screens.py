"""The writers of what a till's screens show between two presses."""

import secrets
from typing import Any
from uuid import UUID

from django.db import close_old_connections
from django.db.models import QuerySet

from willing.core.doorbell import DOORBELL
from willing.core.prepared import Parameter, prepared
from willing.core.transactions import atomic
from willing.terminals.models import Terminal
from willing.terminals.second_screens import ring_for
from willing.till.models import Sale
from willing.till.screen_models import TillScreen


@prepared
def _of(terminal: Parameter) -> QuerySet[TillScreen]:
    return TillScreen.objects.select_related("last_sale").filter(terminal=terminal)


def screen_of(terminal: Terminal) -> TillScreen:
    """Return what a till's screens show; one that is not kept yet, where nothing was pressed there so far."""
    return _of.first(terminal=terminal.pk) or TillScreen(terminal=terminal, version="")


def version_of(terminal: Terminal) -> str:
    """Return the version of what a till's screens show; empty before the first press."""
    found = TillScreen.objects.filter(terminal=terminal).values_list("version", flat=True).first()
    return found or ""


def enter_stage(screen: TillScreen, basket_id: UUID | None, stage: str, *, press: str, half: str) -> None:
    """Enter a stage for a basket, or none; the sale before is shown no longer. `keep_screen` writes it."""
    screen.basket_id, screen.stage, screen.press, screen.half = basket_id, stage, press, half
    screen.sale = None


def show_sale_on(screen: TillScreen, sale: Sale) -> None:
    """Show a sale's receipt until the next customer; it is the last one here."""
    enter_stage(screen, None, "", press="", half="")
    screen.sale = screen.last_sale = sale


def forget_last_sale_of(screen: TillScreen) -> None:
    """Offer the last sale no more: it was voided."""
    screen.last_sale = None


def allow_meals_on(screen: TillScreen, basket_id: UUID, meals: int) -> None:
    """Note that the cashier has pressed for so many main meals of a basket's person."""
    screen.meal_basket_id, screen.meals = basket_id, meals


def ask_about_repeat_on(screen: TillScreen, basket_id: UUID) -> None:
    """Note that the cashier is asked whether a basket is another purchase."""
    screen.repeat_basket_id = basket_id


def note_expired_on(screen: TillScreen, basket_id: UUID | None, expired: str) -> None:
    """Note what was over by time, or nothing."""
    screen.expired_basket_id, screen.expired = basket_id, expired


@atomic
def keep_screen(screen: TillScreen, changed: frozenset[str]) -> None:
    """Keep the columns of a till's screen that a press has changed, under a new version; wake who waits.

    Two screens that change different columns at the same time are both kept.
    """
    screen.version = secrets.token_hex(8)
    fields: dict[str, Any] = {name: getattr(screen, name) for name in (*changed, "version")}
    if not TillScreen.objects.filter(pk=screen.terminal_id).update(**fields):
        TillScreen.objects.update_or_create(terminal_id=screen.terminal_id, defaults=fields)
    ring_for(screen.terminal)


@atomic
def clear_screen(terminal: Terminal) -> None:
    """Forget all of it: another browser is the till now, or another device."""
    TillScreen.objects.filter(terminal=terminal).delete()
    ring_for(terminal)


def ring_for_others() -> None:
    """Wake who waits here for what another process of this installation has written.

    One statement for all tills that are waited for, and none where nobody waits. At the first look at a till
    too: what was written between its page's own look and this one is not known here.
    """
    waited = DOORBELL.waited()
    if not waited:
        return
    rows = TillScreen.objects.filter(terminal__in=[UUID(key) for key in waited])
    found = {str(pk): version for pk, version in rows.values_list("terminal_id", "version")}
    for key in waited:
        version = found.get(key, "")
        if _seen.get(key) != version:
            DOORBELL.ring(key)
        _seen[key] = version
    close_old_connections()


_seen: dict[str, str] = {}
