"""`willing users`: who signs in to the pages for staff."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from willing.accounts.models import User
    from willing.core.errors import Refused


@click.group()
def users() -> None:
    """Manage the people who sign in."""


@users.command("add")
@click.argument("username")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    help="cashier, office, canteen, teacher, dpo, administrator.",
)
@click.option("--name", "display_name", default="", help="The name that the pages show.")
@click.option("--email", default="", help="Finds them when they come through the school's OpenID provider.")
@click.password_option()
def add(username: str, roles: tuple[str, ...], display_name: str, email: str, password: str) -> None:
    """Add someone who signs in to the pages for staff."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from willing.accounts import actions
    from willing.accounts.rules import STAFF_ROLES
    from willing.core.errors import Refused
    from willing.people.queries import require_school

    unknown = set(roles) - STAFF_ROLES
    if unknown:
        raise click.BadParameter(f"no such role: {', '.join(sorted(unknown))}")
    try:
        validate_password(password)
        new = actions.NewUser(username, password, display_name, roles, email)
        actions.add_user(require_school(), new)
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from None
    except Refused as refused:
        raise click.ClickException(_explain(refused, username)) from None
    click.echo(f"{username} may sign in as {', '.join(roles)}")


@users.command("reset-second-factor")
@click.argument("username")
def reset_second_factor(username: str) -> None:
    """Remove every second factor of USERNAME, who lost theirs, and sign them out everywhere."""
    from willing.accounts import sign_ins

    gone = sign_ins.reset_second_factors(_user(username))
    click.echo(f"{gone} removed; {username} sets up a new one after the next sign-in")


@users.command("link-openid")
@click.argument("username")
@click.argument("subject")
def link_openid(username: str, subject: str) -> None:
    """Let the school's OpenID user SUBJECT sign in as USERNAME."""
    from willing.accounts import sign_ins

    sign_ins.link_openid(_user(username), subject)
    click.echo(f"{username} may sign in through the school")


def _explain(refused: "Refused", username: str) -> str:
    from willing.accounts.usernames import find_user

    found = find_user(username)
    if refused.code != "name_taken" or found is None:
        return str(refused.message)
    same = "" if found.username == username else f"; {username} is the same name"
    return f"there is a user {found.username} already{same}"


def _user(username: str) -> "User":
    from willing.accounts.usernames import find_user

    found = find_user(username)
    if found is None:
        raise click.ClickException(f"there is no user {username}")
    return found
