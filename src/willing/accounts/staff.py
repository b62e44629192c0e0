"""The writers about staff: invited, given roles, disabled and enabled, their sign-in reset or deleted.

Each locks the school first: of two who take each other's administrator role at once, the second is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from willing.accounts import errors
from willing.accounts.actions import NewUser, add_user, give_roles
from willing.accounts.forgetting import forget_sign_in
from willing.accounts.models import Invitation, Role, User
from willing.accounts.queries import has_own_sign_in, other_administrators, require_staff
from willing.accounts.rules import takes_the_last_administrator
from willing.accounts.sign_ins import invite_user, reset_second_factors, revoke_user_invitation
from willing.audit.actions import record
from willing.core.clock import now
from willing.core.transactions import atomic, inside, lock
from willing.people.models import School


@dataclass(frozen=True)
class NewStaff:
    """A member of staff who makes their own sign-in with a link.

    key: the form's; pressed twice, one is made.
    """

    key: UUID
    display_name: str
    roles: tuple[str, ...]
    email: str = ""


@atomic
def invite_staff(school: School, new: NewStaff, *, by: User) -> tuple[User, str]:
    """Add a member of staff who cannot sign in yet. Return them, and the code of their link, this once.

    Raises Refused role_missing.
    """
    if not new.roles:
        raise errors.role_missing()
    lock(School.objects).get(pk=school.pk)
    name = f"staff-{new.key}"  # until they choose one
    user = User.objects.filter(username_key=name).first()
    if user is None:
        user = add_user(school, NewUser(name, None, new.display_name, new.roles, new.email), by=by)
        user.is_active = False
        user.save(update_fields=["is_active"])
    return user, invite_user(user, by=by)


@atomic
def change_roles(school: School, user_id: int, roles: Collection[str], *, by: User) -> User:
    """Let a member of staff have these roles and no others, and sign them out; the same ones change nothing.

    Raises Refused unknown_user, role_missing, last_administrator.
    """
    user = _lock_staff(school, user_id)
    if not roles:
        raise errors.role_missing()
    held = set(user.roles.filter(school=school).values_list("kind", flat=True))
    if held == set(roles):
        return user
    _keep_an_administrator(school, user, roles)
    Role.objects.filter(user=user, school=school, kind__in=held - set(roles)).delete()
    give_roles(user, school, set(roles) - held)
    _sign_out(user)
    facts = {"added": sorted(set(roles) - held), "removed": sorted(held - set(roles))}
    _record("user.roles_changed", school, user, by, **facts)
    return user


@atomic
def disable_user(school: School, user_id: int, *, by: User) -> User:
    """End every session of a member of staff and their open link, and let them sign in no more.

    Twice changes nothing. Raises Refused unknown_user, last_administrator.
    """
    user = _lock_staff(school, user_id)
    _keep_an_administrator(school, user, ())
    revoked = inside(revoke_user_invitation)(user, by=by)
    if not user.is_active and not revoked:
        return user
    user.is_active = False
    _sign_out(user)
    _record("user.disabled", school, user, by)
    return user


@atomic
def enable_user(school: School, user_id: int, *, by: User) -> User:
    """Let a member of staff sign in again, with what they had.

    Raises Refused unknown_user, sign_in_missing.
    """
    user = _lock_staff(school, user_id)
    if user.is_active:
        return user
    if not has_own_sign_in(user):
        raise errors.sign_in_missing()
    user.is_active = True
    user.save(update_fields=["is_active"])
    _record("user.enabled", school, user, by)
    return user


@atomic
def reset_sign_in(school: School, user_id: int, *, by: User) -> tuple[User, str]:
    """Remove password, passkeys and second factors of a member of staff. Return them and a new link's code.

    They are signed out, and cannot sign in before they use the link.
    Raises Refused unknown_user, last_administrator: nobody could make a new link if this one were lost.
    """
    user = _lock_staff(school, user_id)
    _keep_an_administrator(school, user, ())
    inside(reset_second_factors)(user, by=by)
    user.set_unusable_password()
    user.is_active = False
    _sign_out(user)
    _record("user.sign_in_reset", school, user, by)
    return user, inside(invite_user)(user, by=by)


@atomic
def delete_user(school: School, user_id: int, *, by: User) -> User:
    """Delete the sign-in of a member of staff who has left; what they did stays under their number.

    Their name stays beside it for as long as that of anyone who left. What of theirs other rooms hold, the
    caller deletes (`credentials.staff_leavers`). Raises Refused unknown_user, own_account,
    last_administrator.
    """
    user = _lock_staff(school, user_id)
    if user.pk == by.pk:
        raise errors.own_account()
    _keep_an_administrator(school, user, ())
    Invitation.objects.filter(user=user).delete()
    Role.objects.filter(user=user).delete()
    name = user.display_name
    forget_sign_in(user)
    user.display_name, user.deleted_at = name, now()
    user.save(update_fields=["display_name", "deleted_at"])
    _record("user.deleted", school, user, by)
    return user


def _lock_staff(school: School, user_id: int) -> User:
    lock(School.objects).get(pk=school.pk)
    return lock(User.objects).get(pk=require_staff(user_id).pk)


def _keep_an_administrator(school: School, user: User, roles_after: Collection[str]) -> None:
    """Raise Refused last_administrator where the school would be without one who can sign in."""
    is_one = user.is_active and user.roles.filter(school=school, kind=Role.Kind.ADMINISTRATOR).exists()
    if is_one and takes_the_last_administrator(roles_after, other_administrators(school, user)):
        raise errors.last_administrator()


def _sign_out(user: User) -> None:
    """Save a user, and let every session that was begun before be over."""
    user.session_version += 1
    user.save()


def _record(event: str, school: School, user: User, by: User, **facts: list[str]) -> None:
    record(event, subject=school.id, facts={"user": user.pk, "by": by.pk, **facts}, personal={})
