"""The stage of the pupil's half of a till between two presses, kept in one row for all screens of the till.

Only what the rooms cannot know: which way is being entered, on which screen, and whose turn is just over.
Whatever is said here about a basket holds for that basket alone. What is the cashier's alone (whom the
look-up has shown, marking what is sold out, a line over a redirect) stays in the session of their browser.
"""

from collections.abc import Iterable, MutableMapping
from datetime import datetime
from typing import Any
from uuid import UUID

from willing.accounts.models import User
from willing.pages.kiosk.screen import ScreenMessage
from willing.terminals.models import Terminal
from willing.till.models import Sale
from willing.till.screen_models import TillScreen
from willing.till.screens import (
    allow_meals_on,
    ask_about_repeat_on,
    enter_stage,
    forget_last_sale_of,
    keep_screen,
    note_expired_on,
    screen_of,
    show_sale_on,
)
from willing.till.void_rules import VOID_MINUTES

KEY = "till"
COLUMNS = (
    "basket_id", "stage", "press", "half", "sale_id", "last_sale_id", "meal_basket_id", "meals",
    "repeat_basket_id", "expired_basket_id", "expired",
)  # fmt: skip


class TillStage:
    """The pupil's half, as the till remembers it.

    session: of the cashier's browser; at the second screen, an empty one. half: whose screen this request
    comes from.
    """

    def __init__(self, terminal: Terminal, session: MutableMapping[str, Any], half: str) -> None:
        self._terminal, self._session, self.half = terminal, session, half
        self._read: TillScreen | None = None
        self._before: dict[str, Any] = {}
        # Something that a second screen shows has changed, and no column here: it has to look all the same.
        self.is_news = False

    @property
    def _row(self) -> TillScreen:
        if self._read is None:
            self._read = screen_of(self._terminal)
            self._before = _columns(self._read)
        return self._read

    def keep(self) -> None:
        """Write what has changed, once; the other screen is woken."""
        if self._read is None and not self.is_news:
            return
        now = _columns(self._row)
        changed = frozenset(name for name, value in now.items() if value != self._before[name])
        if changed or self.is_news:
            keep_screen(self._row, changed)
            self._before = _columns(self._row)
        self.is_news = False

    @property
    def version(self) -> str:
        """The version of what is shown."""
        return self._row.version

    def stage_of(self, basket_id: UUID) -> str:
        """Return what is being entered for a basket: a way, "stop", or nothing."""
        return self._row.stage if self._row.basket_id == basket_id else ""

    def press_of(self, basket_id: UUID) -> str:
        """Return the key of the press that opened a basket's face session."""
        return self._row.press if self._row.basket_id == basket_id else ""

    @property
    def is_camera_elsewhere(self) -> bool:
        """Whether "use my face" was pressed on the other screen: the camera is there."""
        return self._row.half not in ("", self.half)

    def go(self, basket_id: UUID, stage: str, *, press: str = "") -> None:
        """Enter `stage` for a basket; for the face, with the key of the press."""
        enter_stage(self._row, basket_id, stage, press=press, half=self.half)

    def keep_shown(self, basket_id: UUID, person_ids: Iterable[UUID]) -> list[UUID]:
        """Remember whom the look-up has shown for a basket; return who was not shown for it before."""
        kept = self._session.get(f"{KEY}-shown", {})
        before = kept.get("ids", []) if kept.get("basket") == str(basket_id) else []
        new = [one for one in person_ids if str(one) not in before]
        if new:
            self._session[f"{KEY}-shown"] = {"basket": str(basket_id), "ids": [*before, *map(str, new)]}
        return new

    def leave(self) -> None:
        """Forget what was being entered, and the last sale."""
        enter_stage(self._row, None, "", press="", half="")

    def show_sale(self, sale: Sale) -> None:
        """Remember the sale whose receipt number the pupil's half shows until the next customer.

        And that it was the last: who sold it may void it for a while.
        """
        show_sale_on(self._row, sale)

    def last_sale_of(self, cashier: User | None, at: datetime) -> str:
        """Return the id of the last sale here, where this cashier made it so lately that they may void it.

        Only what to offer: `till.voids` decides.
        """
        last = self._row.last_sale
        if last is None or cashier is None or last.cashier_id != cashier.pk:
            return ""
        is_late = (at - last.settled_at).total_seconds() >= VOID_MINUTES * 60
        return "" if is_late else str(last.pk)

    @property
    def printable_sale(self) -> str:
        """The id of the last sale here, whoever made it: its receipt names nobody. "" where none is known."""
        return str(self._row.last_sale_id or "")

    def forget_last_sale(self) -> None:
        """The last sale was voided."""
        forget_last_sale_of(self._row)

    @property
    def sale_id(self) -> str | None:
        """The sale that is shown, or None."""
        return str(self._row.sale_id) if self._row.sale_id else None

    def allow_meal(self, basket_id: UUID, meals: int) -> None:
        """Remember that the cashier serves this basket's main meals, that many in the sitting."""
        allow_meals_on(self._row, basket_id, meals)

    def allows_meal(self, basket_id: UUID, meals: int) -> bool:
        """Say whether the cashier has pressed for as many."""
        return self.has_served_meal(basket_id) and self._row.meals == meals

    def has_served_meal(self, basket_id: UUID) -> bool:
        """Say whether the cashier has pressed for a further main meal in this basket."""
        return self._row.meal_basket_id == basket_id

    def ask_about_repeat(self, basket_id: UUID) -> None:
        """Remember that the cashier is asked whether this basket is another purchase."""
        ask_about_repeat_on(self._row, basket_id)

    def asks_about_repeat(self, basket_id: UUID) -> bool:
        """Say whether that is asked of this basket."""
        return self._row.repeat_basket_id == basket_id

    def keep_expired(self, basket_id: UUID, expired: str) -> None:
        """Remember that a basket, or who was shown for it, was over by time: a reload says so too."""
        note_expired_on(self._row, basket_id, str(expired))

    def forget_expired(self) -> None:
        """A person pressed something: what expired is no news any more."""
        note_expired_on(self._row, None, "")

    def expired_of(self, basket_id: UUID | None) -> str:
        """Return what was over by time: "shown" for this basket, "basket" where none has come since."""
        if basket_id is None:
            return "basket" if self._row.expired == "basket" else ""
        return self._row.expired if self._row.expired_basket_id == basket_id else ""

    @property
    def is_marking(self) -> bool:
        """Whether the cashier is marking what is sold out, instead of selling."""
        return bool(self._session.get(f"{KEY}-marking"))

    def mark_sold_out(self, *, is_marking: bool) -> None:
        """Begin to mark what is sold out, or go on selling."""
        if is_marking:
            self._session[f"{KEY}-marking"] = True
        else:
            self._session.pop(f"{KEY}-marking", None)

    def keep_notice(self, notice: ScreenMessage) -> None:
        """Keep a line over a redirect (pages without htmx)."""
        self._session[f"{KEY}-notice"] = {"kind": notice.kind, "text": str(notice.text)}

    def take_notice(self) -> ScreenMessage | None:
        """Return the line that was kept, once."""
        kept = self._session.pop(f"{KEY}-notice", None)
        return ScreenMessage(kept["kind"], kept["text"]) if kept else None


def _columns(row: TillScreen) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}
