"""What the commands `willing roster …` print of a plan."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from willing.roster.row_errors import NOTES

if TYPE_CHECKING:
    from willing.roster.plan import Plan
    from willing.roster.row_errors import RowFault

LISTED = 20
LISTED_JSON = 1000


def plan_as_json(planned: "Plan") -> dict[str, Any]:
    """Return what an import would do, for programs."""
    changes = [asdict(change) for change in planned.changes(LISTED_JSON)]
    return {
        "format": planned.staging.format,
        "counts": asdict(planned.counts),
        "present": planned.present,
        "needs_allow_leavers": planned.needs_leavers,
        "needs_allow_unlinked": planned.needs_unlinked,
        "faults": [{**asdict(fault), "reason": fault.reason} for fault in planned.faults[:LISTED_JSON]],
        "fault_count": planned.staging.stops_count + planned.staging.refused_count,
        "can_be_imported": not planned.is_faulty,
        "rows_refused": planned.staging.rows_refused,
        "needs_release_leavers": planned.is_holding,
        "notes": planned.notes,
        "unlinked": [asdict(link) for link in planned.unlinked(LISTED_JSON)],
        "changes": [{**change, "person_id": str(change["person_id"] or "")} for change in changes],
        "changes_count": sum(
            getattr(planned.counts, name) for name in ("added", "changed", "returning", "leaving")
        ),
    }


def _place(fault: "RowFault") -> str:
    where = f"{fault.file}:{fault.line}" if fault.line else fault.file
    return f"{where} {fault.column}" if fault.column else where


def show_plan(planned: "Plan") -> None:
    """Print what an import would do."""
    click.echo(f"{planned.source}: {planned.staging.format or 'not read'}")
    for fault in planned.faults[:LISTED_JSON]:
        click.echo(f"  {_place(fault)}: {fault.code}: {fault.reason}")
    if planned.is_faulty:
        click.echo("this file cannot be read; nothing can be imported before that is put right")
        return
    if planned.staging.refused_count:
        click.echo(
            f"{planned.staging.rows_refused} rows are refused; the people they are about stay as they are"
        )
    for note in planned.staging.faults(notes=True, limit=LISTED):
        click.echo(f"  {_place(note)}: {note.code}: {note.reason}")
    for code, count in planned.notes.items():
        click.echo(f"  {count} x {code}: {NOTES[code]}")
    _show_changes(planned)
    _show_what_is_needed(planned)


def _show_changes(planned: "Plan") -> None:
    for change in planned.changes(LISTED):
        name = f"{change.given_name} {change.family_name}".strip()
        click.echo(
            f"  {change.outcome:10} {change.external_id}  {name}  {change.year}  {' '.join(change.fields)}"
        )
    for link in planned.unlinked(LISTED):
        click.echo(f"  {'link held' if link.is_held else 'unlinked':10} {link.person}  {link.guardian}")
    for name, value in asdict(planned.counts).items():
        click.echo(f"{name.replace('_', ' '):18} {value:>7}")


def _show_what_is_needed(planned: "Plan") -> None:
    if planned.is_holding:
        leaving, ending = planned.counts.leaving_held, planned.counts.unlinked_held
        click.echo(
            f"because rows are refused, {leaving} people who are not in the file stay and {ending} guardians"
            " stay linked; read who they are, then let them go with --release-leavers"
        )
    if planned.needs_leavers:
        leaving = planned.counts.leaving
        click.echo(f"more than 20 % of {planned.present} people would leave: --allow-leavers {leaving}")
    if planned.needs_unlinked:
        ending, against = planned.counts.unlinked, planned.counts.objections_ending
        click.echo(
            f"{ending} of {planned.links} guardians would be unlinked, {against} of them with a refusal:"
        )
        click.echo(f"--allow-unlinked {ending}")
