"""The writers of users and their roles."""

from dataclasses import dataclass

from willing.accounts.models import Role, User
from willing.audit.actions import record
from willing.core.transactions import atomic
from willing.people.models import School


@dataclass(frozen=True)
class NewUser:
    """A member of staff who signs in."""

    username: str
    password: str
    display_name: str
    roles: tuple[str, ...]
    email: str = ""


@atomic
def add_user(school: School, new: NewUser) -> User:
    """Add someone who signs in, with the roles they have."""
    user = User.objects.create_user(
        new.username, email=new.email, password=new.password, display_name=new.display_name
    )
    for kind in new.roles:
        Role.objects.create(user=user, school=school, kind=kind)
    facts = {"user": user.pk, "roles": sorted(new.roles)}
    record("user.added", subject=school.id, facts=facts, personal={"name": new.display_name})
    return user
