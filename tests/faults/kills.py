"""The server is killed at random moments, while tills sell, the desk enrols and pupils say no."""

import time
from collections.abc import Callable

from tests.faults.endings import end_well, require_faces_follow_decisions
from tests.faults.office import Office
from tests.faults.processes import FaultyServer, Worker
from tests.faults.scenario import Case, require, scenario
from tests.faults.tills import Tally, Till, Together


def tills(case: Case, port: int, tally: Tally, sales: int, *, of: str = "") -> list[Callable[[], None]]:
    """Return the work of every till: so many sales, each to somebody whom the seed chose."""
    known = case.school.known

    def lunch(till: Till) -> Callable[[], None]:
        chosen = [till.random.choice(known["cards"]) for _ in range(sales)]

        def serve() -> None:
            for card in chosen:
                till.sell(known["meal"], card)

        return serve

    return [lunch(Till(port, token, case.branch(token + of), tally)) for token in known["tokens"]]


def _kill_during(case: Case, server: FaultyServer, work: list[Callable[[], None]], kills: int) -> int:
    """Do the work, and kill the server as often as `kills` while it is done. Return how often it was."""
    together, done = Together(work), 0
    try:
        while together.is_running() and done < kills:
            time.sleep(case.random.uniform(0.02, 1.2))
            if not together.is_running():
                break
            server.kill()
            done += 1
            server.start()
        together.finish()
    finally:
        server.stop()
    return done


@scenario("kills-sales")
def kill_during_sales(case: Case) -> str:
    """Three stubborn tills sell; the server is killed again and again."""
    tally, server = Tally(), FaultyServer(case.school).start()
    kills = _kill_during(case, server, tills(case, server.port, tally, 25), case.random.randint(3, 6))
    server.require_quiet()
    end_well(case.school, tally)
    return f"{kills} kills, {len(tally.promised)} baskets, {tally.lost_answers} answers lost"


@scenario("kills-faces")
def kill_during_faces(case: Case) -> str:
    """The desk enrols two and records the No of two while a till sells; the server is killed meanwhile."""
    known, tally = case.school.known, Tally()
    people = known["faces"]
    server = FaultyServer(case.school).start()
    office = Office(server.port, known["office"], tally)
    names = case.random.sample(["Cleo", "Dan"], 2)

    def at_the_desk() -> None:
        for joins, leaves in zip(names, ("Ana", "Ben"), strict=True):
            office.enrol(people[joins])
            office.record_no(people[leaves])

    work = [at_the_desk, *tills(case, server.port, tally, 12)[:1]]
    kills = _kill_during(case, server, work, case.random.randint(2, 5))
    server.require_quiet()
    with Worker(case.school) as worker:
        state = worker.do("faces")
        require(sorted(state["templates"]) == ["Cleo", "Dan"], f"enrolled: {sorted(state['templates'])}")
        require_faces_follow_decisions(worker)
    end_well(case.school, tally)
    return f"{kills} kills, 2 enrolments, 2 erasures, {len(tally.promised)} baskets"
