"""A copy, then refusals, a revoked card and sales, then the power goes: the restored school forgets none."""

import re

from tests.faults.endings import end_well
from tests.faults.kills import tills
from tests.faults.office import Office
from tests.faults.processes import FaultyServer, Worker, serving
from tests.faults.scenario import Case, require, scenario
from tests.faults.school import School
from tests.faults.tills import Tally, Till, Together


def _copies(case: Case, school: School) -> list[str]:
    """Set up a journal, take copies, and return the options that restore them."""
    private = case.folder / "private.key"
    made = school.run("backup", "new-key", str(private), check=True)
    public = re.search(r"age1\w+", made.stdout)
    require(public is not None, f"backup new-key printed no public key: {made.stdout}")
    assert public is not None
    journal = case.folder / "journal"
    journal.mkdir(mode=0o700)
    school.run("backup", "journal", str(journal), check=True)
    places = [case.folder / "copies", case.folder / "key-copies"]
    school.run(
        "backup",
        "take",
        "--recipient",
        public[0],
        "--to",
        str(places[0]),
        "--keys-to",
        str(places[1]),
        check=True,
    )
    main, keys = (max(place.glob("*.age")) for place in places)
    return ["--main", str(main), "--keys", str(keys), "--key", str(private)]


def _lose(school: School) -> None:
    """Lose both databases, as with a disk."""
    for database in school.databases:
        for path in database.parent.glob(f"{database.name}*"):
            path.unlink()


@scenario("restore-drill")
def restore(case: Case) -> str:
    """Copy, refuse, revoke, sell, kill; sometimes the disk is lost too. Restore: nothing is forgotten."""
    school, known, tally = case.school, case.school.known, Tally()
    with serving(school) as server:
        for sell in tills(case, server.port, tally, case.random.randint(1, 4)):
            sell()
    options = _copies(case, school)
    lost, server = Tally(), FaultyServer(school).start()
    try:
        Together(tills(case, server.port, lost, case.random.randint(1, 5), of="lost")).finish()
        Office(server.port, known["office"], lost).record_no(known["faces"]["Ana"])
        with Worker(school) as worker:
            worker.do("revoke", person=known["faces"]["Ben"]["id"])
        server.kill()
    finally:
        server.stop()
    before = max(receipt for receipt, _ in (tally.promised | lost.promised).values())
    is_disk_lost = case.random.random() < 0.5
    if is_disk_lost:
        _lose(school)
    done = school.run("backup", "restore", *options)
    require(done.returncode == 0, f"backup restore ends with {done.returncode}: {done.stderr[-300:]}")
    with serving(school) as server:
        till = Till(server.port, known["tokens"][0], case.branch("after"), tally)
        receipt = till.sell(known["meal"], known["cards"][0])
        require(receipt == before + 1, f"receipt {receipt} was given after {before}")
    with Worker(school) as worker:
        state = worker.do("faces")
        require("Ana" not in state["templates"] and "Ana" not in state["granted"], "a refusal was forgotten")
        require(not worker.do("owner", card=known["faces"]["Ben"]["card"]), "a revoked card works again")
    first_lost = max(number for number, _ in list(tally.promised.values())[:-1]) + 1
    end_well(school, tally, missing=range(first_lost, before + 1))
    disk = "lost" if is_disk_lost else "kept"
    return f"{len(lost.promised)} sales after the copy, the disk {disk}; no refusal forgotten"
