"""The writers about signing in: invitations, the users made with them, and what the log tells of each."""

import hashlib
from datetime import timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError
from django.db.models import QuerySet

from willing.accounts.addresses import address_digest
from willing.accounts.errors import invitation_expired, too_young_to_sign_in, user_name_taken
from willing.accounts.models import FailedSignIns, Invitation, Role, User
from willing.accounts.queries import is_invitation_open, may_sign_in
from willing.accounts.rules import (
    INVITATION_DAYS,
    INVITATION_LENGTH,
    MAILED_INVITATION_DAYS,
    STAFF_INVITATION_DAYS,
)
from willing.accounts.usernames import read_username
from willing.audit.actions import record
from willing.core.clock import now, still_runs
from willing.core.codes import new_code, normalise_code
from willing.core.comparison import fold_username
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian, Person, School

FAILURES_AN_ENTRY = timedelta(minutes=15)
PROVIDER = "school"  # what config.settings calls the school's OpenID provider


@atomic
def invite_guardian(guardian: Guardian, *, by: User | None, is_mailed: bool = False) -> str:
    """Make a one-time code for a guardian and return it, this once. An earlier open one is cancelled.

    is_mailed: it goes to the address that they have now, so it is valid for a shorter time, and opens nothing
    once they have another one.
    """
    guardian = lock(Guardian.objects).get(pk=guardian.pk)
    _revoke(Invitation.objects.filter(guardian=guardian))
    days = MAILED_INVITATION_DAYS if is_mailed else INVITATION_DAYS
    mailed_to = address_digest(guardian.email) if is_mailed else ""
    code = _issue(Invitation(guardian=guardian, mailed_to=mailed_to, created_by=by), days)
    record("invitation.issued", subject=guardian.id, facts={"by": by.pk if by else None}, personal={})
    return code


@atomic
def invite_user(user: User, *, by: User | None) -> str:
    """Make a one-time code for a member of staff and return it, this once. An earlier one is cancelled."""
    lock(User.objects).get(pk=user.pk)
    _revoke(Invitation.objects.filter(user=user))
    code = _issue(Invitation(user=user, created_by=by), STAFF_INVITATION_DAYS)
    facts = {"by": by.pk if by else None, "user": user.pk}
    record("invitation.issued", subject=None, facts=facts, personal={})
    return code


def _issue(invitation: Invitation, days: int) -> str:
    code = new_code(INVITATION_LENGTH)
    invitation.digest, invitation.expires_at = invitation_digest(code), now() + timedelta(days=days)
    invitation.save()
    return code


@atomic
def revoke_user_invitation(user: User, *, by: User | None) -> bool:
    """End the open code of a member of staff. Return whether there was one."""
    revoked = _revoke(Invitation.objects.filter(user=user))
    if revoked:
        facts = {"by": by.pk if by else None, "user": user.pk}
        record("invitation.revoked", subject=None, facts=facts, personal={})
    return revoked


@atomic
def revoke_invitation(guardian: Guardian, *, by: User | None) -> bool:
    """End a guardian's open code. Return whether there was one."""
    revoked = _revoke(Invitation.objects.filter(guardian=guardian))
    if revoked:
        facts = {"by": by.pk if by else None}
        record("invitation.revoked", subject=guardian.id, facts=facts, personal={})
    return revoked


def _revoke(invitations: QuerySet[Invitation]) -> bool:
    return invitations.filter(used_at=None, revoked_at=None).update(revoked_at=now()) > 0


def invitation_digest(code: str) -> str:
    """Return what is kept of a code."""
    return hashlib.sha256(f"willing.invitation.v1:{normalise_code(code)}".encode()).hexdigest()


def require_invitation(code: str) -> Invitation:
    """Return the open invitation with this code; nothing changes. Raises Refused invitation_ended."""
    return require_waiting_invitation(invitation_digest(code))


def require_waiting_invitation(digest: str) -> Invitation:
    """Return the open invitation whose code was entered before. Raises Refused invitation_ended."""
    return _require_open(Invitation.objects.filter(digest=digest).first())


def _require_open(found: Invitation | None) -> Invitation:
    if found is None or found.used_at or found.revoked_at or not is_invitation_open(found):
        raise invitation_expired()
    if found.mailed_to and found.guardian and found.mailed_to != address_digest(found.guardian.email):
        raise invitation_expired()  # the mailbox it went to may be someone else's
    return found


@atomic
def user_for(invitation: Invitation) -> User:
    """Return the user whom an invitation is about, made asleep where there is none yet.

    A passkey carries its user's id, so the user exists before the passkey does. Their row, or their
    guardian's, is locked until the end of the transaction.
    """
    if invitation.user_id is not None:
        return lock(User.objects).get(pk=invitation.user_id)
    assert invitation.guardian_id is not None  # the database's check: a guardian's, or a user's
    guardian = lock(Guardian.objects).get(pk=invitation.guardian_id)
    user = User.objects.filter(guardian=guardian).first()
    if user is None:
        name = f"guardian-{guardian.id}"
        user = User(username=name, username_key=name, guardian=guardian, is_active=False)
        user.set_unusable_password()
        user.save()
    return user


def accept_invitation(code: str, *, username: str = "", password: str | None = None) -> User:
    """Use a code up; see `accept_waiting_invitation`."""
    return accept_waiting_invitation(invitation_digest(code), username=username, password=password)


@atomic
def accept_waiting_invitation(digest: str, *, username: str = "", password: str | None = None) -> User:
    """Use an invitation up: its owner's sign-in is from now on the one that they make with it.

    Whatever they signed in with before is removed, a lost phone's passkey included. password: checked for
    strength by the caller; None where a passkey is stored in the same transaction. Raises Refused
    invitation_ended, name_taken, username_unfit.
    """
    # Its owner first, as when it is revoked; then whether it is still open.
    user = user_for(require_waiting_invitation(digest))
    invitation = _require_open(lock(Invitation.objects).filter(digest=digest).first())
    Authenticator.objects.filter(user=user).delete()
    if password is None:
        user.set_unusable_password()
    else:
        user.username = read_username(username)
        user.username_key = fold_username(user.username)
        user.set_password(password)
    user.is_active = True
    user.session_version += 1
    try:
        atomic(user.save)()  # a savepoint: a name that is taken must not undo the transaction
    except IntegrityError:
        raise user_name_taken() from None
    if invitation.guardian is not None:
        Role.objects.get_or_create(user=user, school=invitation.guardian.school, kind=Role.Kind.GUARDIAN)
    invitation.used_at = now()
    invitation.save(update_fields=["used_at"])
    record("invitation.used", subject=invitation.guardian_id, facts={"user": user.pk}, personal={})
    return user


@atomic
def require_pupil_user(person: Person) -> User:
    """Return the user of a pupil who proved who they are. Raises Refused too_young_to_sign_in."""
    if not may_sign_in(person):
        raise too_young_to_sign_in()
    user = User.objects.filter(person=person).first()
    if user is None:
        name = f"pupil-{person.id}"
        user = User(username=name, username_key=name, person=person)
        user.set_unusable_password()
        user.save()
        Role.objects.create(user=user, school=person.school, kind=Role.Kind.PUPIL)
    return user


@atomic
def allow_pupil_sign_in(person: Person, *, allowed: bool, by: User) -> None:
    """Let a pupil whose age is not known see their own page, or no longer; twice changes nothing."""
    changed = Person.objects.filter(pk=person.pk).exclude(may_sign_in=allowed).update(may_sign_in=allowed)
    if changed:
        facts = {"by": by.pk, "allowed": allowed}
        record("person.sign_in_decided", subject=person.id, facts=facts, personal={})


@atomic
def set_pupil_age(school: School, years: int) -> None:
    """Set from which age on pupils may see their own page."""
    School.objects.filter(pk=school.pk).update(pupil_sign_in_from_age=years)
    record("school.pupil_sign_in_age_set", subject=school.id, facts={"years": years}, personal={})


@atomic
def sign_out_everywhere(user: User) -> None:
    """End every session of a user, this one included."""
    locked = lock(User.objects).get(pk=user.pk)
    locked.session_version += 1
    locked.save(update_fields=["session_version"])
    user.session_version = locked.session_version
    _record("user.sessions_revoked", user)


@atomic
def reset_second_factors(user: User, *, by: User | None = None) -> int:
    """Remove every second factor of someone who lost theirs, and sign them out. Return how many."""
    gone = int(Authenticator.objects.filter(user=user).delete()[0])
    User.objects.filter(pk=user.pk).update(session_version=user.session_version + 1)
    facts = {"user": user.pk, "by": by.pk if by else None, "factors": gone}
    record("user.second_factors_reset", subject=_subject(user), facts=facts, personal={})
    return gone


@atomic
def link_openid(user: User, subject: str) -> None:
    """Let whom the school's OpenID provider calls `subject` sign in as `user`, and nobody else through it."""
    SocialAccount.objects.filter(user=user).delete()
    SocialAccount.objects.create(user=user, provider=PROVIDER, uid=subject)
    _record("user.openid_linked", user)


def record_signed_in(user: User, *, how: str) -> None:
    """Record that someone signed in. how: password, passkey, card, openid."""
    record_waiting_failures()
    _record("user.signed_in", user, how=how)


@atomic
def record_failed_sign_in(user: User | None, *, how: str) -> None:
    """Record a wrong sign-in, with the user it was tried for where there is one; never the typed text.

    Where there is none, one entry in a quarter of an hour stands for all of a kind, and says how many there
    were before it: nobody makes the log long from outside.
    """
    if user is not None:
        _record("user.sign_in_failed", user, how=how)
        return
    row, is_first = lock(FailedSignIns.objects).get_or_create(how=how, defaults={"since": now()})
    if is_first or not still_runs(row.since + FAILURES_AN_ENTRY, FAILURES_AN_ENTRY):
        _record_failures(row)
    else:
        row.more += 1
        row.save(update_fields=["more"])


def _record_failures(row: FailedSignIns) -> None:
    more = {"more": row.more} if row.more else {}
    record("user.sign_in_failed", subject=None, facts={"by": None, "how": row.how, **more}, personal={})
    row.since, row.more = now(), 0
    row.save(update_fields=["since", "more"])


@atomic
def record_waiting_failures() -> None:
    """Record failures that no later one has reported."""
    for row in lock(FailedSignIns.objects).filter(more__gt=0).order_by("how"):
        if not still_runs(row.since + FAILURES_AN_ENTRY, FAILURES_AN_ENTRY):
            _record_failures(row)


def record_signed_out(user: User, *, why: str) -> None:
    """Record that someone signed out. why: pressed, time, again, factor, paired, role."""
    _record("user.signed_out", user, why=why)


FACTOR_EVENTS = {
    "added": "user.second_factor_added",
    "removed": "user.second_factor_removed",
    "reset": "user.recovery_codes_renewed",
}


def record_factor_change(user: User, *, event: str, kind: str) -> None:
    """Record that a factor (totp, webauthn, recovery_codes) was added, removed or reset."""
    _record(FACTOR_EVENTS[event], user, kind=kind)


def record_password_change(user: User) -> None:
    """Record that someone changed their password."""
    _record("user.password_changed", user)


@atomic
def _record(event: str, user: User, **facts: str) -> None:
    record(event, subject=_subject(user), facts={"by": user.pk, **facts}, personal={})


def _subject(user: User) -> UUID | None:
    return user.guardian_id or user.person_id
