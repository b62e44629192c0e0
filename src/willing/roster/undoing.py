"""What undoing an import puts back, and what was changed since and stays."""

from collections import Counter
from dataclasses import dataclass, field

from willing.roster.models import ListImport

LISTED = 200


@dataclass(frozen=True)
class Stays:
    """What an undo leaves as it is. name: of whom. code: why, one of `STAYS`. fields: that stay."""

    name: str
    code: str
    fields: tuple[str, ...] = ()


STAYS = ("changed", "in_use", "said_no", "face_gone", "not_here")


@dataclass
class Undoing:
    """What undoing an import puts back, and what stays.

    counts: deleted, changed, leaving, returned, faces, guardians_deleted, guardians_changed, linked,
    unlinked. stays: the first `LISTED` of `stays_count`.
    """

    made: ListImport
    counts: Counter[str] = field(default_factory=Counter)
    stays: list[Stays] = field(default_factory=list)
    stays_count: int = 0

    def stay(self, name: str, code: str, fields: tuple[str, ...] = ()) -> None:
        """Note what stays as it is."""
        self.stays_count += 1
        if len(self.stays) < LISTED:
            self.stays.append(Stays(name, code, fields))
