"""Enrolment against withdrawal, at the same moment, in two processes: whatever comes first, no face stays."""

import time

from tests.faults.endings import end_well, require_faces_follow_decisions
from tests.faults.processes import Worker
from tests.faults.scenario import Case, NotPossible, require, scenario
from tests.faults.school import School, build
from tests.postgres.cluster import PostgresMissing, cluster, find_programs

ROUNDS = 10


def _race(case: Case, school: School) -> str:
    """Let one process enrol while another withdraws, so many times, and look after each."""
    known, counts = school.known, {"enrolled": 0, "refused": 0}
    with Worker(school) as desk, Worker(school) as home:
        for number in range(ROUNDS):
            person = known["faces"][("Cleo", "Dan")[number % 2]]
            said = {"person": person["id"], "guardian": person["guardian"]}
            home.do("agree", **said)
            captured = desk.do(
                "capture", person=person["id"], pictures=person["pictures"], by=known["office_id"]
            )
            desk.ask("finish", capture=captured, by=known["office_id"])
            time.sleep(case.random.uniform(0, 0.2))
            home.ask("withdraw", **said)
            outcome = desk.hear()
            home.hear()
            require(outcome in ("enrolled", "not_permitted"), f"the desk was answered {outcome}")
            counts["enrolled" if outcome == "enrolled" else "refused"] += 1
            state = home.do("faces")
            require(not {"Cleo", "Dan"} & set(state["templates"]), "a face was enrolled after its withdrawal")
            require(
                state["keys"] == len(state["templates"]), f"{state['keys']} keys for {state['templates']}"
            )
        require_faces_follow_decisions(home)
    end_well(school)
    return f"{counts['enrolled']} enrolled and then erased, {counts['refused']} refused"


@scenario("race-sqlite")
def race_on_sqlite(case: Case) -> str:
    """The race on SQLite."""
    return _race(case, case.school)


@scenario("race-postgres")
def race_on_postgres(case: Case) -> str:
    """The race on PostgreSQL, in a cluster of its own; its log tells of no deadlock."""
    try:
        find_programs()
    except PostgresMissing as error:
        raise NotPossible(str(error)) from None
    with cluster(fsync=False) as running:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        done = _race(case, build(case.folder / "postgres", urls))
        require(running.deadlocks() == 0, f"{running.deadlocks()} deadlocks")
    return done
