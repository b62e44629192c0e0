"""The writers of users and their roles."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError

from willing.accounts import errors
from willing.accounts.models import Role, User
from willing.accounts.usernames import read_username
from willing.audit.actions import record
from willing.core.comparison import fold_username
from willing.core.transactions import atomic, lock
from willing.people.models import School

# The person who sets a school up also opens it: people, cards and tills are the office's.
FIRST_ROLES = (Role.Kind.ADMINISTRATOR.value, Role.Kind.OFFICE.value)


@dataclass(frozen=True)
class NewUser:
    """A member of staff who signs in.

    password: checked for strength by the caller; None where a passkey is stored in the same transaction.
    """

    username: str
    password: str | None
    display_name: str
    roles: tuple[str, ...]
    email: str = ""


@atomic
def add_user(school: School, new: NewUser, *, by: User | None = None) -> User:
    """Add someone who signs in, with the roles they have. Raises Refused name_taken, username_unfit."""
    user = _create(new)
    give_roles(user, school, new.roles)
    facts = {"user": user.pk, "roles": sorted(new.roles), "by": by.pk if by else None}
    record("user.added", subject=school.id, facts=facts, personal={"name": new.display_name})
    return user


def _create(new: NewUser) -> User:
    username = read_username(new.username)
    try:
        return atomic(User.objects.create_user)(  # a savepoint: a name that is taken must not undo the rest
            username,
            username_key=fold_username(username),
            email=new.email,
            password=new.password,
            display_name=new.display_name,
        )
    except IntegrityError:
        raise errors.user_name_taken() from None


@atomic
def give_roles(user: User, school: School, kinds: Collection[str]) -> None:
    """Give a user roles that they do not have; what the log says of it is for the caller."""
    Role.objects.bulk_create(Role(user=user, school=school, kind=kind) for kind in sorted(kinds))


# The user to whom the first administrator's passkey is bound before there is an administrator.
ASLEEP = "first-administrator"


@atomic
def prepare_first_administrator(school: School) -> User:
    """Return the user who becomes the first administrator: asleep, without a role, made where there is none.

    A passkey carries its user's id, so the user exists before the passkey does.
    """
    lock(School.objects).get(pk=school.pk)
    user = User.objects.filter(username_key=ASLEEP).first()
    if user is None:
        user = _create(NewUser(ASLEEP, None, "", ()))
        user.is_active = False
        user.save(update_fields=["is_active"])
    return user


@atomic
def add_first_administrator(school: School, new: NewUser) -> User:
    """Add the administrator who sets the school up; whatever `new` says, their roles are FIRST_ROLES.

    Raises Refused administrator_exists where there is one, also one who cannot sign in; name_taken,
    username_unfit.
    """
    lock(School.objects).get(pk=school.pk)  # of two at once, the second is refused
    if Role.objects.filter(school=school, kind=Role.Kind.ADMINISTRATOR).exists():
        raise errors.administrator_exists()
    user = _wake(new) or _create(new)
    give_roles(user, school, FIRST_ROLES)
    facts = {"user": user.pk, "roles": sorted(FIRST_ROLES), "by": None}
    record("user.added", subject=school.id, facts=facts, personal={"name": new.display_name})
    return user


def _wake(new: NewUser) -> User | None:
    """Let the user who was prepared be the new one; None where none was."""
    user = User.objects.filter(username_key=ASLEEP, is_active=False).first()
    if user is None:
        return None
    user.username = read_username(new.username)
    user.username_key = fold_username(user.username)
    user.display_name, user.email, user.is_active = new.display_name, new.email, True
    if new.password is not None:
        user.set_password(new.password)
    try:
        atomic(user.save)()  # a savepoint, as above
    except IntegrityError:
        raise errors.user_name_taken() from None
    return user
