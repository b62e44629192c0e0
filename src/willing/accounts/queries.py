"""Reads about users, roles and sign-ins."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from willing.accounts.models import Invitation, User
from willing.accounts.rules import INVITATION_DAYS, may_pupil_sign_in
from willing.core.clock import still_runs
from willing.people.models import Guardian, Person, School
from willing.people.queries import age_years


def roles_of(user: User | AnonymousUser, school: School) -> frozenset[str]:
    """Return the roles that `user` has at `school`; nobody has none."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    return frozenset(user.roles.filter(school=school).values_list("kind", flat=True))


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
