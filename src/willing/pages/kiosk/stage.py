"""The stage of the pupil's half of a till between two presses, kept in the signed-in cashier's session.

Only what the rooms cannot know: which way is being entered, whose turn is just over, and the line that a
redirect still has to show. Whatever is said here about a basket holds for that basket alone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from willing.accounts.models import User
from willing.pages.kiosk.screen import ScreenMessage
from willing.till.models import Sale
from willing.till.void_rules import VOID_MINUTES

KEY = "till"


class TillStage:
    """The pupil's half, as the session remembers it."""

    def __init__(self, request: HttpRequest) -> None:
        self._session = request.session

    @property
    def _kept(self) -> dict[str, Any]:
        kept = self._session.get(KEY)
        return kept if isinstance(kept, dict) else {}

    def stage_of(self, basket_id: UUID) -> str:
        """Return what is being entered for a basket: a way, "stop", or nothing."""
        kept = self._kept
        return str(kept.get("stage", "")) if kept.get("basket") == str(basket_id) else ""

    def press_of(self, basket_id: UUID) -> str:
        """Return the key of the press that opened a basket's face session."""
        kept = self._kept
        return str(kept.get("press", "")) if kept.get("basket") == str(basket_id) else ""

    def go(self, basket_id: UUID, stage: str, *, press: str = "") -> None:
        """Enter `stage` for a basket; for the face, with the key of the press."""
        self._session[KEY] = {"basket": str(basket_id), "stage": stage, "press": press}

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
        self._session.pop(KEY, None)

    def show_sale(self, sale: Sale) -> None:
        """Remember the sale whose receipt number the pupil's half shows until the next customer.

        And that it was the last: who sold it may void it for a while.
        """
        self._session[KEY] = {"sale": str(sale.id)}
        self._session[f"{KEY}-last"] = {
            "sale": str(sale.id),
            "cashier": sale.cashier_id,
            "at": sale.settled_at.timestamp(),
        }

    def last_sale_of(self, cashier: User | None, at: datetime) -> str:
        """Return the id of the last sale here, where this cashier made it so lately that they may void it.

        Only what to offer: `till.voids` decides.
        """
        kept = self._session.get(f"{KEY}-last", {})
        is_theirs = cashier is not None and kept.get("cashier") == cashier.pk
        is_late = at.timestamp() - kept.get("at", 0) >= VOID_MINUTES * 60
        return str(kept["sale"]) if is_theirs and not is_late else ""

    @property
    def printable_sale(self) -> str:
        """The id of the last sale here, whoever made it: its receipt names nobody. "" where none is known."""
        return str(self._session.get(f"{KEY}-last", {}).get("sale", ""))

    def forget_last_sale(self) -> None:
        """The last sale was voided."""
        self._session.pop(f"{KEY}-last", None)

    @property
    def sale_id(self) -> str | None:
        """The sale that is shown, or None."""
        return self._kept.get("sale")

    def allow_meal(self, basket_id: UUID, meals: int) -> None:
        """Remember that the cashier serves this basket's main meals, that many in the sitting."""
        self._session[f"{KEY}-meal"] = {"basket": str(basket_id), "meals": meals}

    def allows_meal(self, basket_id: UUID, meals: int) -> bool:
        """Say whether the cashier has pressed for as many."""
        return self._session.get(f"{KEY}-meal") == {"basket": str(basket_id), "meals": meals}

    def has_served_meal(self, basket_id: UUID) -> bool:
        """Say whether the cashier has pressed for a further main meal in this basket."""
        kept = self._session.get(f"{KEY}-meal", {})
        return bool(kept.get("basket") == str(basket_id))

    def ask_about_repeat(self, basket_id: UUID) -> None:
        """Remember that the cashier is asked whether this basket is another purchase."""
        self._session[f"{KEY}-repeat"] = str(basket_id)

    def asks_about_repeat(self, basket_id: UUID) -> bool:
        """Say whether that is asked of this basket."""
        return bool(self._session.get(f"{KEY}-repeat") == str(basket_id))

    def keep_expired(self, basket_id: UUID, expired: str) -> None:
        """Remember that a basket, or who was shown for it, was over by time: a reload says so too."""
        self._session[f"{KEY}-expired"] = {"basket": str(basket_id), "what": expired}

    def forget_expired(self) -> None:
        """A person pressed something: what expired is no news any more."""
        self._session.pop(f"{KEY}-expired", None)

    def expired_of(self, basket_id: UUID | None) -> str:
        """Return what was over by time: "shown" for this basket, "basket" where none has come since."""
        kept = self._session.get(f"{KEY}-expired", {})
        if basket_id is None:
            return "basket" if kept.get("what") == "basket" else ""
        return str(kept.get("what", "")) if kept.get("basket") == str(basket_id) else ""

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
