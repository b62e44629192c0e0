"""Reads about users, roles and sign-ins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.functional import Promise

from willing.accounts import errors
from willing.accounts.models import Invitation, Role, User
from willing.accounts.rules import INVITATION_DAYS, NEEDS_SECOND_FACTOR, may_pupil_sign_in
from willing.accounts.second_factor import FACTORS
from willing.core.clock import still_runs
from willing.core.collation import by_language
from willing.people.models import Guardian, Person, School
from willing.people.queries import age_years


def roles_of(user: User | AnonymousUser, school: School) -> frozenset[str]:
    """Return the roles that `user` has at `school`; nobody has none."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(user.roles.filter(school=school).values_list("kind", flat=True))


def roles_and_factor_of(user: User, school: School) -> tuple[frozenset[str], bool]:
    """Return `roles_of`, and whether `user` has a second factor (False without a role), by one statement."""
    if not user.is_active:
        return frozenset(), False
    factor = Exists(Authenticator.objects.filter(user_id=OuterRef("user_id"), type__in=FACTORS))
    rows = list(user.roles.filter(school=school).values_list("kind", factor))
    return frozenset(kind for kind, _has_one in rows), any(has_one for _kind, has_one in rows)


def may_sign_in(person: Person) -> bool:
    """Say whether a person is a pupil who may see their own page today."""
    if person.kind != Person.Kind.PUPIL or person.left_at is not None:
        return False
    from_age = person.school.pupil_sign_in_from_age
    return may_pupil_sign_in(age_years(person), from_age, is_let_in=person.may_sign_in)


def has_sign_in(guardian: Guardian) -> bool:
    """Say whether a guardian has made their own sign-in."""
    return User.objects.filter(guardian=guardian, is_active=True).exists()


def open_invitation_of(guardian: Guardian) -> Invitation | None:
    """Return a guardian's code that can still be used, or None."""
    found = Invitation.objects.filter(guardian=guardian, used_at=None, revoked_at=None).first()
    return found if found and is_invitation_open(found) else None


def is_invitation_open(invitation: Invitation) -> bool:
    """Say whether the time in which an invitation can be used is not over."""
    return still_runs(invitation.expires_at, timedelta(days=INVITATION_DAYS))


def find_user_by_email(email: str) -> User | None:
    """Return the one user whom the school added with this address; None for nobody, and for several."""
    mine = Q(email__iexact=email) | Q(guardian__email__iexact=email)
    found = list(User.objects.filter(mine, is_active=True)[:2]) if email else []
    return found[0] if len(found) == 1 else None


def _staff() -> QuerySet[User]:
    return User.objects.filter(guardian=None, person=None, deleted_at=None)


def active_staff(school: School) -> list[User]:
    """Return the staff of a school who can sign in, by name."""
    rows = _staff().filter(roles__school=school, is_active=True).distinct()
    return sorted(rows, key=lambda one: (one.get_short_name().casefold(), one.pk))


def former_staff() -> list[User]:
    """Return the colleagues whose sign-in was deleted, the latest first."""
    rows = User.objects.filter(deleted_at__isnull=False)
    return list(rows.order_by("-deleted_at", "pk"))


def require_staff(user_id: int) -> User:
    """Return a member of staff who signs in. Raises Refused unknown_user, also for families and pupils."""
    found = _staff().filter(pk=user_id).first()
    if found is None:
        raise errors.unknown_user()
    return found


def chosen_username(user: User) -> str:
    """Return the username that someone chose; empty as long as they have chosen none."""
    made_here = user.username.startswith(("staff-", "guardian-")) and not user.has_usable_password()
    return "" if made_here else user.username


def has_own_sign_in(user: User) -> bool:
    """Return whether someone has a password or a passkey, whether or not they may use it."""
    passkeys = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return bool(user.has_usable_password() or passkeys.exists())


def other_administrators(school: School, user: User) -> int:
    """Return how many administrators besides `user` can sign in."""
    roles = Role.objects.filter(school=school, kind=Role.Kind.ADMINISTRATOR, user__is_active=True)
    return roles.exclude(user=user).count()


def has_administrator(school: School) -> bool:
    """Say whether the school has had its first administrator, also one who cannot sign in now."""
    return Role.objects.filter(school=school, kind=Role.Kind.ADMINISTRATOR).exists()


def has_officer(school: School) -> bool:
    """Say whether anyone is the school's data protection officer, also one who is only invited."""
    return Role.objects.filter(school=school, kind=Role.Kind.DPO, user__deleted_at=None).exists()


@dataclass(frozen=True)
class StaffMember:
    """A member of staff as the list of staff shows them.

    state: active; waiting (a link is open); without_sign_in (their link has expired); disabled.
    """

    user: User
    roles: tuple[Role.Kind, ...]
    state: str
    factors: frozenset[str]
    link_expires_at: datetime | None

    @property
    def role_labels(self) -> list[Promise | str]:
        """Their roles in words."""
        return [role.label for role in self.roles]

    @property
    def username(self) -> str:
        """The name that they sign in with; empty as long as they have chosen none."""
        return chosen_username(self.user)

    @property
    def needs_second_factor(self) -> bool:
        """Whether one of their roles asks for a second factor."""
        return not NEEDS_SECOND_FACTOR.isdisjoint(self.roles)

    @property
    def has_second_factor(self) -> bool:
        """Whether they have set one up."""
        return not self.factors.isdisjoint({Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN})


def staff_members(school: School) -> list[StaffMember]:
    """Return everyone who signs in as staff, those who are disabled among them, as the reader sorts."""
    named = _staff().annotate(shown_as=Coalesce(NullIf("display_name", Value("")), "username"))
    users = named.order_by(*by_language("shown_as"), "pk")
    rows = users.prefetch_related("roles", "authenticator_set", "invitations")
    return [_staff_member(school, user) for user in rows]


def staff_member(school: School, user_id: int) -> StaffMember:
    """Return one member of staff. Raises Refused unknown_user."""
    return _staff_member(school, require_staff(user_id))


def _staff_member(school: School, user: User) -> StaffMember:
    held = {one.kind for one in user.roles.all() if one.school_id == school.pk}
    factors = frozenset(one.type for one in user.authenticator_set.all())  # type: ignore[attr-defined]
    invitations = [one for one in user.invitations.all() if not one.used_at and not one.revoked_at]
    expires = next((one.expires_at for one in invitations if is_invitation_open(one)), None)
    has_sign_in = user.has_usable_password() or Authenticator.Type.WEBAUTHN in factors
    state = _state(user, has_sign_in=has_sign_in, is_invited=expires is not None)
    roles = tuple(kind for kind in Role.Kind if kind in held)
    return StaffMember(user, roles, state, factors, expires)


def _state(user: User, *, has_sign_in: bool, is_invited: bool) -> str:
    if user.is_active:
        return "active"
    if is_invited:
        return "waiting"
    return "disabled" if has_sign_in else "without_sign_in"
