"""Serve an installation, as `willing serve` does: `python -m willing.config.serve`."""

import importlib
import sys

import click
import uvicorn

from willing.config.listening import BOTH, run_on_both

APPLICATION = "willing.config.wsgi:application"


def serve(host: str, port: int, application: str = APPLICATION, *, door: int | None = None) -> None:
    """Serve until asked to stop.

    application: a module, which sets Django up, and a name in it. door: the port of plain HTTP where this
    server speaks HTTPS itself, or None.
    """
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
    if settings.TLS is not None:
        from willing.config.door import open_door, pages
        from willing.config.tls import Shown

        shown = Shown(settings.TLS)
        shown.watch()
        asked["ssl_context_factory"] = lambda _config, _make: shown.context
        if door is not None:
            settings.DOOR_PORT = door
            open_door(host, door, pages(settings.TLS, port))
    if host == BOTH:
        run_on_both(port, asked)
    else:
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
    click.echo(f"This school is not set up yet. Open {address(host, port)}/set-up/?code={code}")
    click.echo(f"or open /set-up/ at another address of this server and type the code {code}. It works once.")
    sys.stdout.flush()


def address(host: str, port: int) -> str:
    """Return where a server is opened: by the name of its certificate, or on its own computer."""
    from django.conf import settings

    if settings.TLS is not None:
        return f"https://{settings.TLS.names[0]}:{port}"
    if host in {"127.0.0.1", "0.0.0.0", "::1", "::"}:  # noqa: S104  # compared only
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@click.command()
@click.argument("application", default=APPLICATION)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--door", type=int)
def main(application: str, host: str, port: int, door: int | None) -> None:
    """Serve APPLICATION, a module and a name in it."""
    serve(host, port, application, door=door)


if __name__ == "__main__":
    main()
