"""What a list says of guardians who have two ids in the register and one record here."""

from willing.people.guardian_merging import merged_guardian_ids
from willing.people.models import School
from willing.roster.staging import Staging


def follow_merged_guardians(school: School, staging: Staging) -> None:
    """Let the file's guardians who go on as another record here be that one.

    Nothing that a file leaves out of either id takes from what the merged record may decide, nor does the
    leaving of one of the two.
    """
    for gone, kept in merged_guardian_ids(school):
        _follow(staging, gone, kept)


def _follow(staging: Staging, gone: str, kept: str) -> None:
    is_there = staging.find("SELECT 1 FROM guardian WHERE external_id = ?", kept) is not None
    if not is_there:
        staging.db.execute(
            "UPDATE guardian SET external_id = ? WHERE external_id = ? AND NOT is_leaving", (kept, gone)
        )
    staging.db.execute("DELETE FROM guardian WHERE external_id = ?", (gone,))
    for table in ("contact", "link"):
        staging.db.execute(f"UPDATE OR IGNORE {table} SET guardian = ? WHERE guardian = ?", (kept, gone))  # noqa: S608
        staging.db.execute(f"DELETE FROM {table} WHERE guardian = ?", (gone,))  # noqa: S608
    staging.db.execute("DELETE FROM whole WHERE kind = 'guardian' AND id IN (?, ?)", (gone, kept))
