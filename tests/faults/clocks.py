"""The clock jumps, years forward and back, under a running server."""

from pathlib import Path

from tests.faults import clock
from tests.faults.endings import end_well
from tests.faults.office import Office
from tests.faults.processes import Worker, serving
from tests.faults.scenario import Case, require, scenario
from tests.faults.tills import Tally, Till

HOURS = 3600
JUMPS = (-26 * HOURS, -2 * HOURS, -90, 90, 2 * HOURS, 400 * 24 * HOURS)


def _clock(case: Case) -> Path:
    path = case.folder / "clock"
    clock.set_seconds(path, 0)
    return path


@scenario("clock-jumps")
def jump(case: Case) -> str:
    """Sell while the clock jumps both ways; no jump stops a card or doubles a charge."""
    path, tally = _clock(case), Tally()
    known, jumps = case.school.known, [case.random.choice(JUMPS) for _ in range(6)]
    with serving(case.school, **{clock.FILE: str(path)}) as server:
        till = Till(server.port, known["tokens"][0], case.random, tally)
        for seconds in [*jumps, 0]:
            clock.set_seconds(path, seconds)
            for _ in range(3):
                till.sell(known["meal"], case.random.choice(known["cards"]))
        server.require_quiet()
    end_well(case.school, tally)
    return (
        f"jumps of {', '.join(f'{seconds / HOURS:g}' for seconds in jumps)} h, {len(tally.promised)} baskets"
    )


@scenario("clock-refusal")
def refuse_after_a_jump_back(case: Case) -> str:
    """Said yes and enrolled in 2031, the clock set right, a No: the face is gone, whatever the clock says."""
    path, tally, known = _clock(case), Tally(), case.school.known
    ahead = case.random.choice((2 * HOURS, 30 * 24 * HOURS, 6 * 365 * 24 * HOURS))
    cleo = known["faces"]["Cleo"]
    with serving(case.school, **{clock.FILE: str(path)}) as server:
        till = Till(server.port, known["tokens"][0], case.random, tally)
        with Worker(case.school, **{clock.FILE: str(path)}) as worker:
            clock.set_seconds(path, ahead)
            worker.do("withdraw", person=cleo["id"], guardian=cleo["guardian"])
            worker.do("agree", person=cleo["id"], guardian=cleo["guardian"])
            enrolled = worker.do("enrol", person=cleo["id"], pictures=cleo["pictures"], by=known["office_id"])
            require(enrolled == "enrolled", f"Cleo could not be enrolled: {enrolled}")
            till.sell(known["meal"], known["cards"][0])
            clock.set_seconds(path, 0)
            Office(server.port, known["office"], tally).record_no(known["faces"]["Ben"])
            worker.do("withdraw", person=cleo["id"], guardian=cleo["guardian"])
            for seconds in (0, 3 * HOURS, ahead):
                clock.set_seconds(path, seconds)
                state = worker.do("faces")
                require(not {"Cleo", "Ben"} & set(state["templates"]), "a refused face is still there")
                require(not {"Cleo", "Ben"} & set(state["granted"]), "a refused face is still permitted")
        clock.set_seconds(path, 0)
        till.sell(known["meal"], known["cards"][1])
        server.require_quiet()
    end_well(case.school, tally)
    return f"{ahead / HOURS:g} h ahead and back, two refusals"
