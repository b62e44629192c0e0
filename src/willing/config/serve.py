"""Serve an installation, as `willing serve` does: `python -m willing.config.serve`."""

import importlib
import sys

import click
import uvicorn

APPLICATION = "willing.config.wsgi:application"


def serve(host: str, port: int, application: str = APPLICATION) -> None:
    """Serve until asked to stop. application: a module, which sets Django up, and a name in it."""
    module, _, name = application.partition(":")
    found = getattr(importlib.import_module(module), name)
    # Only after the application has set Django up.
    from django.conf import settings

    from willing.config.callers import KnownCallers
    from willing.config.server import options
    from willing.core.sqlite.checkpoint import checkpoint_all

    offer_set_up(host, port)
    limits, proxies = settings.SERVER_LIMITS, settings.PROXIES
    asked = options(found, KnownCallers(), limits=limits, proxies=proxies, at_the_end=checkpoint_all)
    uvicorn.run(host=host, port=port, **asked)


def offer_set_up(host: str, port: int) -> None:
    """Print the address and the one-time code with which a school that has nobody yet is set up in a browser.

    By name, not by number: browsers keep a passkey for a name only.
    """
    from willing.pages.set_up.access import is_awaited
    from willing.pages.set_up.code import CODE
    from willing.people.queries import find_school

    if not is_awaited(find_school()):
        return
    code = CODE.issue()
    name = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else host  # noqa: S104  # compared only
    click.echo(f"This school is not set up yet. Open http://{name}:{port}/set-up/?code={code}")
    click.echo(f"or open /set-up/ at another address of this server and type the code {code}. It works once.")
    sys.stdout.flush()


@click.command()
@click.argument("application", default=APPLICATION)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def main(application: str, host: str, port: int) -> None:
    """Serve APPLICATION, a module and a name in it."""
    serve(host, port, application)


if __name__ == "__main__":
    main()
