"""The command that builds the demo school, tells its story and serves it."""

import click

from willing.config import opening
from willing.config.cli import require_free, run_server
from willing.core.paths import home


@click.command()
@click.option("--once", is_flag=True, help="Stop after the story instead of serving the pages.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a step.")
@click.option("--port", default=8000, show_default=True)
@click.option("--code", "user", help="Print the six digits that this demo user signs in with now, and stop.")
def demo(once: bool, as_json: bool, port: int, user: str | None) -> None:
    """Build a demo school, tell the story of one lunch hour, and serve its pages."""
    if not once and not user:
        require_free("127.0.0.1", port)
    opening.prepare_django()
    if user:
        _print_code(user)
        return
    opening.create_installation()
    from willing.demo.portraits import PortraitsMissing
    from willing.demo.show import command, greet, show
    from willing.demo.stage import StoryBroken

    try:
        school = show(as_json=as_json)
    except StoryBroken as broken:
        raise click.ClickException(
            f"this demo school was changed, so the story no longer comes out: {broken} "
            f"See it with `{command()} serve`, or delete the folder {home()} and run the demo again."
        ) from None
    except (FileExistsError, PortraitsMissing) as error:
        raise click.ClickException(str(error)) from None
    if not once:
        greet(school, port)
        run_server("127.0.0.1", port)


def _print_code(user: str) -> None:
    from willing.demo.school import present_code
    from willing.demo.show import command

    try:
        code = present_code(user)
    except FileNotFoundError:
        raise click.ClickException(f"there is no demo school here yet; run: {command()} demo") from None
    if code is None:
        raise click.ClickException(f"{user} has no authenticator app in the demo")
    click.echo(code)
