"""`python -m willing.audit.verify`, a program of its own. Exit 0: proven, 1: not proven, 2: misused."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from willing.audit.verify.consistency import verify_continuation
from willing.audit.verify.cosignatures import parse_witness_key, require_witnesses
from willing.audit.verify.errors import Unproven
from willing.audit.verify.exports import verify_export
from willing.audit.verify.files import find_remarks, naming_file, read_checkpoint, read_keys, read_text
from willing.audit.verify.receipts import verify_receipt
from willing.audit.verify.restores import describe_lost, describe_restore
from willing.audit.verify.signed_note import Key

Command = Callable[[argparse.Namespace, Sequence[Key]], str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; print one line. Return the exit code."""
    chosen = _parser().parse_args(arguments)
    command: Command = chosen.command
    try:
        line = command(chosen, [key for text in chosen.key for key in read_keys(text)])
        for path in (chosen.file, *getattr(chosen, "checkpoint", ())):
            line += "".join(f"\n{path}: {remark}; nothing signed was" for remark in find_remarks(path))
    except Unproven as error:
        sys.stderr.write(f"NOT PROVEN ({error.code}): {error}\n")
        return 1
    sys.stdout.write(f"{line}\n")
    return 0


def _log(chosen: argparse.Namespace, keys: Sequence[Key]) -> str:
    known = [read_checkpoint(path, keys) for path in chosen.checkpoint]
    try:
        with chosen.file.open("rb") as file, naming_file(chosen.file):
            found = verify_export(file, keys, known=known)
    except OSError as error:
        raise Unproven("malformed", f"{chosen.file}: {error.strerror}") from None
    line = (
        f"proven: entries {found.first} to {found.size} are those that were signed; "
        f"{len(found.checkpoints)} checkpoints agree; root {found.root.hex()}"
    )
    return "\n".join([line, *map(describe_restore, found.restores), *map(describe_lost, found.lost)])


def _consistency(chosen: argparse.Namespace, keys: Sequence[Key]) -> str:
    text = read_text(chosen.file)
    with naming_file(chosen.file):
        old, new = verify_continuation(text, keys)
    return f"proven: the log at {new.size} entries continues the one at {old.size}"


def _receipt(chosen: argparse.Namespace, keys: Sequence[Key]) -> str:
    text = read_text(chosen.file)
    with naming_file(chosen.file):
        found = verify_receipt(text, keys)
        seen = require_witnesses(found.note, map(parse_witness_key, chosen.witness))
    said, signed = found.said, found.checkpoint
    line = (
        f"proven: entry {said.sequence} ({said.event}, {said.at}) is in the log of {signed.origin}, "
        f"signed at {signed.size} entries on {signed.at:%Y-%m-%d %H:%M:%S} UTC"
    )
    said_by = (f"witness {one.key.name} signed it on {one.at:%Y-%m-%d %H:%M:%S} UTC" for one in seen)
    return "\n".join([line, *said_by])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m willing.audit.verify",
        description="Verify a log without the installation that wrote it. No file is believed.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    log = _add(commands.add_parser("log", help="a whole exported log, or its part since a checkpoint"), _log)
    log.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        help="a checkpoint kept apart; may be given again",
    )
    _add(
        commands.add_parser("consistency", help="that a later checkpoint continues an earlier"), _consistency
    )
    receipt = _add(commands.add_parser("receipt", help="that the signed log holds one entry"), _receipt)
    receipt.add_argument(
        "--witness",
        action="append",
        default=[],
        help="the public key of a witness that must have signed, too; may be given again",
    )
    return parser


def _add(parser: argparse.ArgumentParser, command: Command) -> argparse.ArgumentParser:
    parser.set_defaults(command=command)
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--key", required=True, action="append", help="the log's public key, or a file that holds it"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
