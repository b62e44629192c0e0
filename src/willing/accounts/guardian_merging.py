"""The writer of how a guardian signs in, where they had two records."""

from uuid import UUID

from willing.accounts.forgetting import forget_sign_in
from willing.accounts.models import Invitation, User
from willing.accounts.queries import has_sign_in, open_invitation_of
from willing.accounts.sign_ins import revoke_invitation
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian

MOVED, REMOVED, NONE = "moved", "removed", "none"


@atomic
def move_sign_in(gone: Guardian, kept: Guardian, *, by: User) -> str:
    """Let a guardian sign in for one record as they did for the other. Return what became of it.

    moved: they sign in as before, for the kept record. removed: the kept record has a sign-in, so this one is
    deleted. none: there was none. An open invitation goes along where the kept record has neither a
    sign-in nor an invitation; else it is revoked, for whoever has its code would replace what is there.
    """
    outcome = NONE
    if has_sign_in(gone):
        outcome = REMOVED if has_sign_in(kept) else MOVED
    _move_invitation(gone, kept, is_wanted=outcome == NONE and not has_sign_in(kept), by=by)
    users = {one.guardian_id: one for one in lock(User.objects).filter(guardian__in=[gone, kept])}
    if outcome == MOVED:
        _exchange(users, gone, kept)
    elif outcome == REMOVED:
        forget_sign_in(users[gone.id])
    return outcome


def _move_invitation(gone: Guardian, kept: Guardian, *, is_wanted: bool, by: User) -> None:
    if is_wanted and open_invitation_of(gone) is not None and open_invitation_of(kept) is None:
        revoke_invitation(kept, by=by)  # an expired one still counts as the open one
        Invitation.objects.filter(guardian=gone, used_at=None, revoked_at=None).update(guardian=kept)
    else:
        revoke_invitation(gone, by=by)


def _exchange(users: dict[UUID | None, User], gone: Guardian, kept: Guardian) -> None:
    """Let the one who signs in do so for the kept record; whoever never did so there, for the other."""
    asleep = users.get(kept.id)
    if asleep is not None:
        User.objects.filter(pk=asleep.pk).update(guardian=None)
    User.objects.filter(pk=users[gone.id].pk).update(guardian=kept)
    if asleep is not None:
        User.objects.filter(pk=asleep.pk).update(guardian=gone)
