"""What may be upgraded to, and how long an upgrade can be taken back. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NAME = "willing"
# Entries of the log that a rollback may lose: who looked, who signed in, and what the upgrade itself wrote.
# All others record money, a decision or a deletion, which no earlier state of the database knows.
HARMLESS = frozenset(
    {
        "backup.created",
        "databases.checked",
        "log.checked",
        "program.upgraded",
        "record.viewed",
        "user.sign_in_failed",
        "user.signed_in",
        "user.signed_out",
    }
)


@dataclass(frozen=True, slots=True)
class Release:
    """What a wheel says of itself. python: which versions of Python it runs on, such as ">=3.11"."""

    name: str
    version: str
    python: str = ""


def refuse_release(found: Release, *, installed: str, python: str) -> str | None:
    """Return why a release must not follow the installed version here; None where it may."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # every command reads this module
    from packaging.version import InvalidVersion, Version

    if found.name != NAME:
        return f"this is the package {found.name!r}, not {NAME}"
    try:
        newer, wanted = Version(found.version), SpecifierSet(found.python)
    except (InvalidVersion, InvalidSpecifier):
        return f"the wheel says nothing that can be read of its version ({found.version!r}, {found.python!r})"
    if not wanted.contains(python, prereleases=True):
        return f"version {newer} needs Python {wanted}; this is {python}: upgrade the computer's Python first"
    if newer == Version(installed):
        return f"version {installed} is what is installed"
    if newer < Version(installed):
        return (
            f"version {newer} is older than {installed}, which is installed: tables never go back by "
            "themselves. `willing upgrade --rollback` takes the last upgrade back"
        )
    return None


def refuse_rollback(events: Sequence[str], *, has_snapshot: bool, with_keys: bool) -> str | None:
    """Return why an upgrade can no longer be taken back; None where it can.

    events: of the log since the upgrade. has_snapshot: the databases are still there as they were. with_keys:
    the upgrade changed the form of the keys' database, of which no earlier state is kept: a destroyed key
    would be in it.
    """
    lost = first_lost(events)
    if lost is not None:
        return (
            f"something was recorded since the upgrade ({lost}), which would be lost. Keep this version and "
            "report what is wrong with it, or restore the newest copies (`willing backup restore`), which "
            "forgets no refusal"
        )
    if with_keys:
        return "the upgrade changed the form of the keys' database, and no earlier state of keys is ever kept"
    return None if has_snapshot else "the databases as they were before are no longer kept"


def first_lost(events: Iterable[str]) -> str | None:
    """Return the first event that a rollback would lose, or None."""
    return next((one for one in events if one not in HARMLESS), None)


def new_faults(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Return what `willing doctor` finds wrong now and did not before."""
    known = set(before)
    return sorted({one for one in after if one not in known})
