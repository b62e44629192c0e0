"""How long a session lasts. The marks are in the session itself; a session without them has expired."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY, get_user, logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from willing.accounts.models import User
from willing.accounts.queries import roles_of
from willing.accounts.rules import SessionLimits, session_limits
from willing.accounts.second_factor import used_passkey
from willing.accounts.sign_ins import record_signed_out
from willing.core.clock import now
from willing.people.requests import find_school_of

MARKS = "willing_session"
# What a page asks by itself, without anyone at it, bears this header and keeps no session alive. Who sends it
# without need is only signed out earlier.
QUIET = "X-Quiet"
# A request within this time of the last is not written down, so that a page that asks often writes rarely.
STEP = timedelta(seconds=60)


def mark_session(session: SessionBase, limits: SessionLimits) -> None:
    """Write into a session when it began and how long it lasts."""
    at = now().timestamp()
    session[MARKS] = {
        "began": at,
        "seen": at,
        "idle": limits.idle.total_seconds(),
        "total": limits.total.total_seconds(),
    }
    session.set_expiry(int(limits.idle.total_seconds()))


def begin_session(request: HttpRequest, user: User, **_signal: Any) -> None:
    """Mark the session of someone who has just signed in: Django's signal calls this for every way."""
    school = find_school_of(request)
    roles = roles_of(user, school) if school else frozenset()
    mark_session(request.session, session_limits(roles, by_passkey=used_passkey(request, user)))


def find_signed_in(request: HttpRequest) -> User | None:
    """Return who is signed in and not for too long; sign out anyone who was idle, or stayed, too long."""
    user = request.user
    if not isinstance(user, User):
        return None
    is_quiet = request.headers.get(QUIET) is not None
    if _is_in_time(request.session) if is_quiet else _go_on(request.session):
        return user
    close_session(request, why="time")
    return None


def close_session(request: HttpRequest, *, why: str) -> None:
    """Sign out and note why; where nobody is signed in, nothing happens."""
    if isinstance(request.user, User):
        record_signed_out(request.user, why=why)
    logout(request)


def is_live(session_key: str) -> bool:
    """Return whether someone is signed in with this session, and not for too long. Changes nothing."""
    session = SessionStore(session_key)
    return SESSION_KEY in session and _is_in_time(session)


def find_user_of(session_key: str) -> User | None:
    """Return who is signed in with this session, and not for too long, or None.

    For what another device does on their behalf: it keeps the session no longer alive.
    """
    asking = HttpRequest()
    asking.session = SessionStore(session_key)
    if not session_key or not _is_in_time(asking.session):
        return None
    user = get_user(asking)
    return user if isinstance(user, User) else None


def _is_in_time(session: SessionBase) -> bool:
    marks = session.get(MARKS)
    if not isinstance(marks, dict):
        return False
    at = now().timestamp()
    began, seen = _counted_from(marks, at)
    return bool(at - began <= marks["total"] and at - seen <= marks["idle"])


def _go_on(session: SessionBase) -> bool:
    if not _is_in_time(session):
        return False
    marks, at = session[MARKS], now().timestamp()
    began, seen = _counted_from(marks, at)
    if (began, seen) != (marks["began"], marks["seen"]) or at - seen > STEP.total_seconds():
        session[MARKS] = {**marks, "began": began, "seen": at}
    return True


def _counted_from(marks: dict[str, float], at: float) -> tuple[float, float]:
    """Return when a session began and was last seen, by now at the latest.

    One that a clock which ran ahead began counts from now on, or it would last until that clock's year.
    """
    return min(marks["began"], at), min(marks["seen"], at)
