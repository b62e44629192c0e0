"""What a command does before its work: make Django ready, and open, create or update this installation."""

import os

import click

from willing.core.errors import InstallationFault
from willing.core.modes import require_usable
from willing.core.paths import home, secrets_folder


def prepare_django() -> None:
    """Make Django ready; only commands that need a school pay for it. A setting that is wrong is named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "willing.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        require_usable(home())
        require_usable(secrets_folder())  # settings are read from there
        django.setup()
    except (ImproperlyConfigured, InstallationFault) as error:
        raise click.ClickException(str(error)) from None


def require_installation(*, with_keys: bool = False) -> None:
    """Refuse, by name, where a part of this installation is missing or wrong. Django is ready."""
    from willing.keys.installation import require_installation

    try:
        require_installation(with_keys=with_keys)
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None


def open_installation() -> None:
    """Make Django ready and refuse where a part of this installation is missing or wrong."""
    prepare_django()
    require_installation()


def begin_where_nothing_is() -> None:
    """Make Django ready, make an installation where nothing of one is, and refuse where a part is missing."""
    prepare_django()
    from willing.keys.set_up import set_up_where_nothing_is

    try:
        set_up_where_nothing_is(_announce_wait)
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
    require_installation()


def _announce_wait() -> None:
    click.echo(f"nothing is in {home()} yet: making both databases, which takes a few seconds")


def create_installation() -> None:
    """Make this installation's files and mark them as its own; where it is there already, open it."""
    from willing.keys.set_up import set_up

    try:
        set_up()
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
    _publish_first_notices()


def update_databases() -> None:
    """Bring both databases to this version, and publish the notices that it adds."""
    from willing.keys.set_up import migrate

    try:
        migrate()
    except InstallationFault as fault:
        raise click.ClickException(str(fault)) from None
    _publish_first_notices()


def _publish_first_notices() -> None:
    from willing.consent.publishing import publish_first_notices
    from willing.people.queries import find_school

    if find_school() is not None:
        publish_first_notices()  # texts that this version brings; a changed one waits for the operator
