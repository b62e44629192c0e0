"""Ids that look like other ids: a register never has two of them, so one is a mistake. Pure.

Who is known here by exactly this id is who they are; only an id that is new is held against the others.
"""

import sqlite3

from willing.roster.cells import fold_id, looks_rounded
from willing.roster.row_errors import RowFault
from willing.roster.staging import Staging

SAME_WIDTH_MIN = 3  # so many ids of one width are how the register writes them
ROUNDED_MIN = 2
EXACT_DIGITS = 14  # of a number that a spreadsheet has rounded; the 15th may be off by one


def refuse_lookalikes(staging: Staging) -> None:
    """Refuse rows whose id is new and looks like another of the file or of someone here."""
    db = staging.db
    db.create_function("fold", 1, fold_id, deterministic=True)
    db.create_function("number", 1, _number, deterministic=True)
    db.execute("CREATE TABLE id_form(kind TEXT, id TEXT, fold TEXT, number TEXT, PRIMARY KEY(kind, id))")
    db.execute("INSERT INTO id_form SELECT kind, id, fold(id), number(id) FROM here")
    for table in (f"({_STAGED})", "refused"):
        db.execute(f"INSERT OR IGNORE INTO id_form SELECT kind, id, fold(id), number(id) FROM {table}")  # noqa: S608
    db.execute("CREATE INDEX id_by_fold ON id_form(kind, fold)")
    db.execute("CREATE INDEX id_by_number ON id_form(kind, number)")
    for code, query in (("id_looks_alike", _ALIKE), ("id_width", _SAME_NUMBER), ("id_width", _short(db))):
        _refuse(staging, code, db.execute(query).fetchall() if query else [])
    _refuse(staging, "number_rounded", _rounded(db))
    _refuse_wards(staging)
    staging.leave_out_refused()


# Everyone in the file, with the line that has them first.
_STAGED = (
    "SELECT o.kind, o.id, o.file, o.line, o.field FROM origin o LEFT JOIN person p ON p.external_id = o.id"
    " LEFT JOIN guardian g ON g.external_id = o.id"
    " WHERE CASE o.kind WHEN 'person' THEN p.external_id ELSE g.external_id END IS NOT NULL"
    " AND o.id NOT LIKE 'made:%'"
)
_NEW = (
    f"SELECT s.kind, s.id, s.file, s.line, s.field FROM ({_STAGED}) s JOIN id_form f"  # noqa: S608
    " ON f.kind = s.kind AND f.id = s.id"
    " WHERE NOT EXISTS (SELECT 1 FROM here WHERE here.kind = s.kind AND here.id = s.id)"
)
_ALIKE = (
    f"{_NEW} AND EXISTS (SELECT 1 FROM id_form o"  # noqa: S608
    " WHERE o.kind = s.kind AND o.fold = f.fold AND o.id <> s.id)"
)
_SAME_NUMBER = (
    f"{_NEW} AND f.number <> '' AND EXISTS (SELECT 1 FROM id_form o"  # noqa: S608
    " WHERE o.kind = s.kind AND o.number = f.number AND o.fold <> f.fold)"
)
Found = list[tuple[str, str, str, int, str]]


def _number(external_id: str) -> str:
    """Return the digits of an id that is a number, without leading zeros; "" for any other."""
    text = fold_id(external_id)
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else ""


def _short(db: sqlite3.Connection) -> str:
    """Return the query for new numbers that are shorter than all others are, "" where widths differ.

    Widths are those of the numbers here, or, where the file has numbers with leading zeros, of those.
    """
    widths = (
        "SELECT length(f.fold), count(*) FROM id_form f {}"
        " WHERE f.kind = 'person' AND f.number <> ''{} GROUP BY 1"
    )
    for join, where in (("JOIN here USING (kind, id)", ""), ("", " AND f.fold LIKE '0%'")):
        found = db.execute(widths.format(join, where)).fetchall()
        if len(found) == 1 and found[0][0] > 1 and found[0][1] >= SAME_WIDTH_MIN:
            return f"{_NEW} AND s.kind = 'person' AND f.number <> '' AND length(f.fold) < {int(found[0][0])}"
    return ""


def _rounded(db: sqlite3.Connection) -> Found:
    """Return new ids of 16 digits and more that end in zeros, where all such do or a better one is known."""
    long = db.execute(f"{_NEW} AND s.kind = 'person' AND f.number <> '' AND length(f.fold) > 15").fetchall()
    rounded: Found = [row for row in long if looks_rounded(row[1])]
    if len(rounded) == len(long) and len(long) >= ROUNDED_MIN:
        return rounded
    better = (
        "SELECT 1 FROM id_form WHERE kind = 'person' AND id <> ? AND length(id) = ? AND substr(id, 1, ?) = ?"
    )
    return [
        row
        for row in rounded
        if db.execute(better, (row[1], len(row[1]), EXACT_DIGITS, row[1][:EXACT_DIGITS])).fetchone()
    ]


def _refuse(staging: Staging, code: str, rows: Found) -> None:
    for kind, external_id, file, line, field in rows:
        if staging.find("SELECT 1 FROM refused WHERE kind = ? AND id = ?", kind, external_id):
            continue
        staging.refuse(kind, external_id)
        staging.report(RowFault(file, line, code, field))
        _keep_who_is_meant(staging, kind, external_id)


def _keep_who_is_meant(staging: Staging, kind: str, external_id: str) -> None:
    """Let those here stay as they are whose id may be the one that was spoilt."""
    meant = staging.db.execute(
        "SELECT id FROM here JOIN id_form USING (kind, id) WHERE kind = ? AND id <> ?"
        " AND ((number <> '' AND number = number(?)) OR (length(id) > 15 AND substr(id, 1, ?) = ?))"
        " AND id NOT IN (SELECT external_id FROM person)",
        (kind, external_id, external_id, EXACT_DIGITS, external_id[:EXACT_DIGITS]),
    ).fetchall()
    for (known,) in meant:
        staging.refuse(kind, known)


def _refuse_wards(staging: Staging) -> None:
    """Refuse pupils whose guardian is refused: without that guardian, too few would be asked."""
    wards = staging.db.execute(
        "SELECT DISTINCT 'person', o.id, o.file, o.line, o.field FROM link JOIN refused r"
        " ON r.kind = 'guardian' AND r.id = guardian"
        " JOIN origin o ON o.kind = 'person' AND o.id = link.person ORDER BY o.file, o.line"
    ).fetchall()
    mentioned = set(staging.db.execute("SELECT file, line FROM fault").fetchall())
    for kind, external_id, file, line, _ in wards:
        staging.refuse(kind, external_id)
        if (file, line) not in mentioned:
            staging.report(RowFault(file, line, "guardian_refused"))
