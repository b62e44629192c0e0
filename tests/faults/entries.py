"""Every single field of log entries is changed, as somebody with the disk in their hands would."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.endings import end_well
from tests.faults.processes import Worker
from tests.faults.scenario import Case, require, scenario

ENTRIES = 6
TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'"
COLUMNS = (
    "sequence",
    "at",
    "event",
    "subject",
    "hashed",
    "entry_hash",
    "chain_hash",
    "personal_json",
    "personal_salt",
)


def _other(value: Any, case: Case) -> Any:
    """Return a value of the same kind that is not this one."""
    if isinstance(value, bytes):
        if not value:
            return b"\0"
        place = case.random.randrange(len(value))
        return value[:place] + bytes([value[place] ^ (1 << case.random.randrange(8))]) + value[place + 1 :]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1_000_000
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return {"changed": True} if value is None or isinstance(value, dict) else [value, "changed"]


def _fields(hashed: bytes) -> list[tuple[str, ...]]:
    """Return the path of every field inside an entry's hashed bytes."""

    def walk(node: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        if isinstance(node, dict) and node:
            return [one for key, value in node.items() for one in walk(value, (*path, key))]
        return [path]

    return walk(json.loads(hashed), ())


def _with(hashed: bytes, path: tuple[str, ...], case: Case) -> bytes:
    content = json.loads(hashed)
    node = content
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = _other(node[path[-1]], case)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class _Thief:
    """Somebody who writes into the file past the product; each change is taken back once looked for."""

    def __init__(self, database: Path, worker: Worker) -> None:
        self.connection = sqlite3.connect(database, isolation_level=None, timeout=30)
        self.worker, self.tried = worker, 0
        for (name,) in self._rows(TRIGGERS):
            self.connection.execute(f"DROP TRIGGER {name}")

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        return self.connection.execute(statement, values).fetchall()

    def entries(self) -> list[int]:
        return [one for (one,) in self._rows("SELECT sequence FROM audit_entry")]

    def value(self, table: str, column: str, key: str, row: Any) -> Any:
        return self._rows(f'SELECT "{column}" FROM {table} WHERE "{key}" = ?', row)[0][0]

    def change(self, table: str, column: str, key: str, row: Any, value: Any) -> None:
        """Change one value, require that the log's verification notices, and put it back."""
        before, new_row = self.value(table, column, key, row), row if column != key else value
        self.connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE "{key}" = ?', (value, row))
        try:
            faults = self.worker.do("log_faults")
            require(bool(faults), f"{table}.{column} of {row} was changed, and nothing noticed it")
        finally:
            self.connection.execute(f'UPDATE {table} SET "{column}" = ? WHERE "{key}" = ?', (before, new_row))
        self.tried += 1


@scenario("changed-entries")
def change_every_field(case: Case) -> str:
    """Change every column and every field of entries, the log's end and its checkpoints, one at a time."""
    school = case.school
    with Worker(school) as worker:
        worker.do("sign")
        end_well(school)
        worker.do("sign")
        thief = _Thief(school.databases[0], worker)
        with closing(thief.connection):
            for sequence in case.random.sample(thief.entries(), ENTRIES):
                for column in COLUMNS:
                    _change_column(thief, sequence, column, case)
                hashed = thief.value("audit_entry", "hashed", "sequence", sequence)
                for path in _fields(hashed):
                    thief.change("audit_entry", "hashed", "sequence", sequence, _with(hashed, path, case))
            for column in ("sequence", "chain_hash", "peaks"):
                found = thief.value("audit_head", column, "id", 1)
                thief.change("audit_head", column, "id", 1, _other(found, case))
            for column in ("number", "size", "root", "at", "note"):
                found = thief.value("audit_signedcheckpoint", column, "number", 1)
                thief.change("audit_signedcheckpoint", column, "number", 1, _other(found, case))
            require(worker.do("log_faults") == [], "the log does not verify with everything put back")
            end_well(school)
            rewritten = case.random.choice(thief.entries()[:-5])
            copy = school.copy(case.folder / "rewritten")
    with Worker(copy) as worker:
        worker.do("rewrite", sequence=rewritten)
        found = worker.do("log_faults")
        require("checkpoint_contradicted" in str(found), f"a rewritten history was told as {found}")
    return (
        f"{thief.tried} changes of {ENTRIES} entries, each noticed, and a history rewritten from {rewritten}"
    )


def _change_column(thief: _Thief, sequence: int, column: str, case: Case) -> None:
    found = thief.value("audit_entry", column, "sequence", sequence)
    if found is None and column in ("personal_json", "personal_salt"):
        return  # erased: there is nothing to change
    value = "0" * 32 if column == "subject" and found is None else _other(found, case)
    thief.change("audit_entry", column, "sequence", sequence, value)
