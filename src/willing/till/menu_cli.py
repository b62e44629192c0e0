"""`willing menu`: what is sold."""

from pathlib import Path

import click


@click.group()
def menu() -> None:
    """Look after the menu."""


@menu.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--encoding", default="", help="Of a file that is not UTF-8: gb18030, cp1252.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--take-high-prices", is_flag=True, help="You have looked twice at unusually high prices.")
def import_(file: Path, encoding: str, dry_run: bool, take_high_prices: bool) -> None:
    """Import the products of a CSV file, row by row; the same file twice changes nothing."""
    from willing.core.errors import Refused
    from willing.people.queries import require_school
    from willing.till import menu_import
    from willing.till.menu_cells import read_table, read_text

    school = require_school()
    try:
        table = read_table(read_text(file.read_bytes(), encoding))
    except Refused as refused:
        raise click.ClickException(f"{file}: {refused.message}") from None
    if dry_run:
        result = menu_import.preview_import(school, table, takes_high_prices=take_high_prices)
    else:
        result = menu_import.import_menu(school, table, takes_high_prices=take_high_prices)
    for heading in result.ignored:
        click.echo(f"column not known, left out: {heading}")
    for row in result.rows:
        if row.refusal is not None:
            click.echo(f"line {row.line}: {row.name}: refused: {row.refusal.message}")
    click.echo(", ".join(f"{result.count(one)} {one.value}" for one in menu_import.RowOutcome))
    if result.count(menu_import.RowOutcome.REFUSED):
        raise SystemExit(1)


@menu.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(file: Path) -> None:
    """Write what is on the menu into a CSV file, which the import reads again."""
    from willing.people.queries import require_school
    from willing.till.menu_export import write_menu

    file.write_bytes(write_menu(require_school()).encode("utf-8-sig"))
    click.echo(f"{file} is written")


@menu.command("starter")
@click.option("--name", default="", help="china, eu, uk, us, world; empty: that of the school's country.")
def starter(name: str) -> None:
    """Put a menu to begin with on the menu; products that are there stay as they are."""
    from willing.people.queries import require_school
    from willing.till.starter import add_starter_menu

    try:
        added = add_starter_menu(require_school(), name)
    except LookupError:
        from willing.till.starter_menus import MENUS

        raise click.ClickException(f"no such menu; there are {', '.join(MENUS)}") from None
    click.echo(f"{added} new on the menu")
