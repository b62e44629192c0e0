"""Reads about drawers: what is in them, what moved, what is still open."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from willing.core.transactions import lock
from willing.drawers import errors
from willing.drawers.models import Drawer, DrawerEntry, DrawerSession, Method, PayIn
from willing.drawers.rules import DrawerLine, add_up
from willing.ledger.models import Account
from willing.people.models import School
from willing.terminals.models import Terminal


def drawers_of(school: School) -> list[Drawer]:
    """Return a school's drawers, the office's first."""
    rows = Drawer.objects.filter(school=school).select_related("account", "terminal")
    return sorted(rows, key=lambda one: (one.terminal_id is not None, one.name))


def require_drawer(school: School, drawer_id: UUID) -> Drawer:
    """Return a drawer of a school. Raises Refused drawer_unknown."""
    found = Drawer.objects.filter(school=school, pk=drawer_id).select_related("account", "terminal").first()
    if found is None:
        raise errors.drawer_unknown()
    return found


def drawer_of_till(terminal: Terminal) -> Drawer | None:
    """Return the drawer under a till, or None: then it takes no cash."""
    return Drawer.objects.filter(terminal=terminal).select_related("account").first()


def tills_without_a_drawer(school: School, drawer: Drawer | None = None) -> list[Terminal]:
    """Return the tills under which a drawer can be put: those that have none, and the drawer's own."""
    rows = Terminal.objects.filter(school=school, purpose__in=["canteen", "shop"], retired_at=None)
    free = Q(drawer=None) | Q(drawer=drawer) if drawer is not None else Q(drawer=None)
    return list(rows.filter(free).order_by("name"))


def open_session_of(drawer: Drawer) -> DrawerSession | None:
    """Return a drawer's open session, or None."""
    return drawer.sessions.filter(closed_at=None).first()


def open_session_at(terminal: str) -> Subquery:
    """Return the id of the open session of the drawer under a till, for a query of something else.

    terminal: the column of that query which names the till.
    """
    rows = DrawerSession.objects.filter(drawer__terminal=OuterRef(terminal), closed_at=None)
    return Subquery(rows.order_by().values("pk")[:1])


def open_sessions(school: School) -> list[DrawerSession]:
    """Return every open session of a school, the oldest first."""
    rows = DrawerSession.objects.filter(drawer__school=school, closed_at=None)
    return list(rows.select_related("drawer__account").order_by("day", "opened_at"))


def open_office_sessions(school: School) -> list[DrawerSession]:
    """Return the open sessions into which the office can pay in."""
    return [one for one in open_sessions(school) if one.drawer.terminal_id is None]


def left_open(school: School, today: date) -> list[DrawerSession]:
    """Return the sessions that are still open from an earlier day."""
    return [one for one in open_sessions(school) if one.day < today]


def lock_open_session(drawer: Drawer) -> DrawerSession:
    """Return a drawer's open session, locked. Raises Refused drawer_closed. Call inside a transaction."""
    found = lock(DrawerSession.objects).filter(drawer=drawer, closed_at=None).first()
    if found is None:
        raise errors.drawer_closed()
    return found


def holds_minor(drawer: Drawer) -> int:
    """Return what should be in a drawer now, in minor units."""
    return Account.objects.get(pk=drawer.account_id).balance_minor


@dataclass(frozen=True)
class DrawerReport:
    """An X, or the Z of a session that is closed: every sum in minor units.

    lines: what moved, the difference of the close and what went to the safe then among it. cheques: how many
    were taken, and their sum; no cash.
    """

    session: DrawerSession
    lines: list[DrawerLine]
    cheques: int
    cheques_minor: int

    @property
    def holds_minor(self) -> int:
        """What should be in the drawer after all of this."""
        return self.session.opening_minor + sum(one.amount_minor for one in self.lines)


def report_of(session: DrawerSession) -> DrawerReport:
    """Return what moved in a session so far, at any time (X), or in all (Z)."""
    account = session.drawer.account_id
    rows = DrawerEntry.objects.filter(session=session).values_list(
        "transfer__reason", "transfer__amount_minor", "transfer__debit_id"
    )
    lines = add_up((reason, amount if debit == account else -amount) for reason, amount, debit in rows)
    cheques = PayIn.objects.filter(session=session, method=Method.CHEQUE)
    sums = list(cheques.values_list("transfer__amount_minor", flat=True))
    return DrawerReport(session, lines, len(sums), sum(sums))


def closed_sessions(school: School, drawer: Drawer | None = None) -> list[DrawerSession]:
    """Return the Zs of a school, or of one drawer, the newest first."""
    rows = DrawerSession.objects.filter(drawer__school=school, closed_at__isnull=False)
    rows = rows.filter(drawer=drawer) if drawer else rows
    return list(rows.select_related("drawer", "closed_by").order_by("-closed_at", "-z_number"))


def require_session(school: School, session_id: UUID) -> DrawerSession:
    """Return a session of a school, open or closed. Raises Refused drawer_unknown."""
    rows = DrawerSession.objects.filter(drawer__school=school, pk=session_id)
    found = rows.select_related("drawer__account", "opened_by", "closed_by").first()
    if found is None:
        raise errors.drawer_unknown()
    return found


def require_pay_in(school: School, transfer_id: UUID) -> PayIn:
    """Return a pay-in by its transfer. Raises Refused receipt_unknown."""
    rows = PayIn.objects.filter(school=school, pk=transfer_id)
    found = rows.select_related("transfer__credit__person", "received_by").first()
    if found is None:
        raise errors.receipt_unknown()
    return found
