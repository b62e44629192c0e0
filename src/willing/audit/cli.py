"""The commands `willing audit …`.

Exit 0: proven or done; 1: not proven, or it cannot be done; 3: the database is damaged, so that nothing can
be said.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from willing.audit import actions, checkpoints, errors, queries, signing, verify_database, verify_kept
from willing.audit.export import export_log
from willing.audit.models import Entry
from willing.audit.verify.errors import Unproven
from willing.audit.verify.files import naming_file, read_checkpoint, read_keys, read_text
from willing.audit.verify.restores import describe_lost, describe_restore
from willing.audit.verify.signed_note import Checkpoint, Key
from willing.audit.witness_cli import witness
from willing.core.commands import Damaged
from willing.core.integrity import DatabaseDamaged, require_integrity

FILE = click.Path(dir_okay=False, path_type=Path)
FAILURES = (
    Unproven,
    errors.NothingLogged,
    errors.NotSealed,
    errors.TreeDamaged,
    errors.SigningKeyUnreadable,
    errors.CopyUnreadable,
    OSError,
)


@contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        raise click.ClickException(str(error)) from None
    except DatabaseDamaged as error:
        raise Damaged(str(error)) from None


@click.group()
def audit() -> None:
    """Verify, sign and export the log."""


audit.add_command(witness)


@audit.command()
@click.option("--copy", type=FILE, help="Verify the log in a copied database instead.")
@click.option("--since", type=FILE, help="Verify only what came after this checkpoint file.")
@click.option("--receipt", type=FILE, help="Verify one receipt, and that the log still holds its entry.")
@click.option(
    "--checkpoint", type=FILE, multiple=True, help="Compare the log with a checkpoint kept elsewhere."
)
@click.option("--root", "roots", multiple=True, help="SIZE:ROOT from a printout, to compare the log with.")
@click.option("--key", multiple=True, help="A public key to trust besides our own, or a file of them.")
def verify(
    copy: Path | None,
    since: Path | None,
    receipt: Path | None,
    checkpoint: Sequence[Path],
    roots: Sequence[str],
    key: Sequence[str],
) -> None:
    """Verify the log; exit 1 and name the entries where it was changed."""
    if sum(map(bool, (since, receipt, checkpoint or roots))) > 1:
        raise click.UsageError("use one of --since, --receipt and --checkpoint at a time")
    with _in_one_line(), _opened(copy) as using, require_integrity(using):
        keys = [*signing.trusted_keys(), *(one for text in key for one in read_keys(text))]
        if receipt:
            return _print_receipt(receipt, keys, using)
        if since:
            found = verify_database.verify_since(read_checkpoint(since, keys), using=using)
        else:
            known = [read_checkpoint(path, keys) for path in checkpoint] + [
                _read_root(text) for text in roots
            ]
            found = verify_database.verify_log(using=using, keys=keys, known=known)
    _print_result(found, since)
    return None


@audit.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="A folder, say on a USB stick.")
@click.option("--text", "as_text", is_flag=True, help="Print size and root, to be compared by eye.")
def checkpoint(out: Path | None, as_text: bool) -> None:
    """Sign the log as it is now. Run daily, and keep the result where this computer cannot change it."""
    with _in_one_line():
        if out is not None:
            for path in checkpoints.store_checkpoint(out):
                click.echo(f"written: {path}")
            signed = queries.newest_checkpoint()
            assert signed is not None
        else:
            signed = actions.sign_log()
        if as_text or out is None:
            click.echo(checkpoints.printable(signed) if as_text else signed.note, nl=False)


@audit.command()
@click.argument("file", type=FILE)
@click.option("--since", type=FILE, help="Leave out what this checkpoint file covers.")
def export(file: Path, since: Path | None) -> None:
    """Write the log to FILE for an outsider to verify. Its personal text stays here."""
    with _in_one_line():
        known = read_checkpoint(since, signing.trusted_keys()) if since else None
        try:
            count = export_log(file, since=known)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"{count} entries written to {file}")
    click.echo(f"verify with: python -m willing.audit.verify log {file} --key {signing.own_key()}")


@audit.command()
@click.argument("sequence", type=click.IntRange(min=1))
@click.option("--out", type=FILE, help="Write the receipt to this file.")
def receipt(sequence: int, out: Path | None) -> None:
    """Print the receipt of entry SEQUENCE: the proof that the signed log holds it."""
    with _in_one_line():
        entry = Entry.objects.filter(sequence=sequence).first()
        if entry is None:
            raise click.ClickException(f"the log has no entry {sequence}")
        text = json.dumps(queries.inclusion_receipt(entry), ensure_ascii=False)
        if out:
            out.write_text(text, encoding="utf-8")
        else:
            click.echo(text)


@audit.command()
def key() -> None:
    """Print the public key that verifies this log's checkpoints and receipts."""
    with _in_one_line():
        click.echo(str(signing.own_key()))


@audit.command("replace-key")
def replace_key() -> None:
    """Replace a signing key that was lost or stolen, and print the new public key.

    The old public key is recorded as retired; where its file is lost, add its line to log-retired-keys.txt.
    """
    with _in_one_line():
        click.echo(str(signing.replace_key()))


@contextmanager
def _opened(copy: Path | None) -> Iterator[str]:
    if copy is None:
        yield "default"
    else:
        with verify_kept.opened_copy(copy) as alias:
            yield alias


def _read_root(text: str) -> Checkpoint:
    """Return what was read from paper: a root without a signature, since the paper itself is the witness."""
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", re.sub(r"\s", "", text).lower())
    if not found:
        raise click.BadParameter("--root takes the number of entries, a colon, and the 64 digits of the root")
    return Checkpoint("paper", int(found[1]), bytes.fromhex(found[2]), datetime.fromtimestamp(0, UTC))


def _print_result(found: verify_database.Verification, since: Path | None) -> None:
    click.echo(f"{found.entries} entries, chain {found.chain_hash.hex()}")
    click.echo(f"size {found.size}, root {found.root.hex()}, {found.checkpoints} checkpoints")
    for line in (*map(describe_restore, found.restores), *map(describe_lost, found.lost)):
        click.echo(line)
    for fault in found.faults:
        click.echo(f"entry {fault.sequence}: {fault.code}")
    if not found.ok:
        sys.exit(1)
    click.echo("the log continues the checkpoint, and is whole since" if since else "the log is whole")


def _print_receipt(path: Path, keys: Sequence[Key], using: str) -> None:
    text = read_text(path)
    with naming_file(path):
        proven = verify_kept.verify_kept_receipt(text, keys, using=using)
    said, signed = proven.said, proven.checkpoint
    click.echo(f"entry {said.sequence}: {said.event} at {said.at}")
    click.echo(
        f"signed at {signed.size} entries on {signed.at:%Y-%m-%d %H:%M:%S} UTC; the log still holds it"
    )
