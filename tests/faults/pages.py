"""Pages of the database are damaged on the disk: it is said by name, and a copy puts it right."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.faults.endings import end_well
from tests.faults.processes import serving
from tests.faults.scenario import Case, NotPossible, require, scenario
from tests.faults.tills import Impatient, Tally

DAMAGED = 4  # databases a run
BYTES = 64
SAYS_SO = ("damaged", "malformed", "not a database", "database disk image", "integrity")


def _pages(database: Path) -> dict[str, list[int]]:
    """Return the pages of every table and index, the schema's own left out."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            rows = connection.execute("SELECT name, pageno FROM dbstat WHERE pageno > 1").fetchall()
        except sqlite3.OperationalError:
            raise NotPossible("this SQLite does not say which page belongs to what (dbstat)") from None
    found: dict[str, list[int]] = {}
    for name, page in rows:
        found.setdefault(name, []).append(page)
    return found


def _damage(database: Path, page: int, case: Case) -> None:
    """Overwrite the beginning of a page, where its structure stands, with noise."""
    with closing(sqlite3.connect(database)) as connection:
        size = int(connection.execute("PRAGMA page_size").fetchone()[0])
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(case.random.randbytes(BYTES))


@scenario("damaged-pages")
def damage_pages(case: Case) -> str:
    """Damage one page of the main database at a time; `doctor` says so, no verifier crashes, a copy sells."""
    school, tally = case.school, Tally()
    end_well(school, tally)
    main = school.databases[0]
    pages = _pages(main)
    copy = shutil.copy(main, case.folder / "copy.sqlite3")
    names = case.random.sample(
        sorted(name for name in pages if name.startswith(("ledger_", "till_", "audit_"))), DAMAGED
    )
    for name in names:
        _damage(main, case.random.choice(pages[name]), case)
        done = school.run("doctor")
        require(done.returncode == 1, f"{name} is damaged, and doctor ends with {done.returncode}")
        require(
            any(word in done.stdout for word in SAYS_SO), f"{name} is damaged, and doctor does not say so"
        )
        for command in (("doctor",), ("ledger", "verify"), ("audit", "verify")):
            done = school.run(*command)
            require("Traceback" not in done.stderr, f"{name}: {' '.join(command)}: {done.stderr[-300:]}")
        with serving(school) as server:
            till = Impatient(server.port, school.known["tokens"][0], case.branch(name), tally)
            till.tries_to_sell(school.known["meal"], case.random.choice(school.known["cards"]))
        for leftover in main.parent.glob("willing.sqlite3*"):
            leftover.unlink()
        shutil.copy(copy, main)
    end_well(school)
    return f"damaged and named: {', '.join(names)}"
