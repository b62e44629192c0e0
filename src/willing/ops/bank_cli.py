"""`willing bank`: statements of the bank, for those who automate it."""

import json
from pathlib import Path
from typing import Any

import click


@click.group()
def bank() -> None:
    """Import what the bank has booked."""


@bank.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(file: Path, dry_run: bool, as_json: bool) -> None:  # click's own way
    """Import a statement: CAMT.053, CAMT.054, MT940, or a list whose columns the office has chosen before.

    The same file twice adds nothing. Exit 1 where an entry of the file can't be read.
    """
    from willing.core.errors import Refused
    from willing.ops.bank_files import read_bank_file
    from willing.payments.matching import book_waiting
    from willing.payments.preview import preview_statement
    from willing.payments.statements import store_statement
    from willing.people.queries import require_school
    from willing.till.school_limits import limits_in_force

    school = require_school()
    large_minor = limits_in_force(school).large_pay_in_minor
    try:
        read = read_bank_file(school, file.name, file.read_bytes())
        if dry_run:
            seen = preview_statement(school, read, large_minor=large_minor)
            done: dict[str, Any] = {"added": len(seen.lines), "known": seen.known}
            done |= {"booked": seen.booked, "waiting": seen.waiting}
        else:
            stored = store_statement(school, read, by=None)
            matched = book_waiting(school, large_minor=large_minor, by=None)
            done = {"added": stored.added, "known": stored.known}
            done |= {"booked": matched.booked, "waiting": matched.waiting}
    except Refused as refusal:
        raise click.ClickException(f"{refusal.message} ({refusal.code})") from None
    done = {"format": read.format, "dry_run": dry_run, **done, "left_out": dict(read.left_out)}
    done["faults"] = [{"where": where, "code": code} for where, code in read.faults]
    click.echo(json.dumps(done) if as_json else _in_words(done))
    if read.faults:
        raise SystemExit(1)


def _in_words(done: dict[str, Any]) -> str:
    lines = [f"{fault['where']}: left out: {fault['code']}" for fault in done["faults"]]
    lines += [f"{count} left out: {code}" for code, count in sorted(done["left_out"].items())]
    figures = ", ".join(f"{done[name]} {name}" for name in ("added", "known", "booked", "waiting"))
    return "\n".join([*lines, f"{done['format']}: {figures}"])
