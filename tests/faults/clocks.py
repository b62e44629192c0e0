"""The clock jumps, years forward and back, under a running server."""

from pathlib import Path

from tests.faults import clock
from tests.faults.endings import end_well
from tests.faults.office import Office
from tests.faults.processes import Worker, serving
from tests.faults.scenario import Case, require, scenario
from tests.faults.tills import Tally, Till

from willing.dpia.rules import REVIEW_DAYS_MAX

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


def _enrol(worker: Worker, case: Case, name: str) -> str:
    known = case.school.known
    person = known["faces"][name]
    return str(worker.do("enrol", person=person["id"], pictures=person["pictures"], by=known["office_id"]))


def _agree_and_enrol(worker: Worker, case: Case, ahead: int) -> None:
    """Let Cleo agree anew and be enrolled, under a clock that is ahead."""
    cleo = case.school.known["faces"]["Cleo"]
    said = {"person": cleo["id"], "guardian": cleo["guardian"]}
    worker.do("withdraw", **said)
    worker.do("agree", **said)
    if ahead > REVIEW_DAYS_MAX * 24 * HOURS:  # no school may use faces so long after its assessment
        refused = _enrol(worker, case, "Cleo")
        require(refused == "face_locked", f"years after the assessment the desk was answered {refused}")
        worker.do("sign_assessment")
    enrolled = _enrol(worker, case, "Cleo")
    require(enrolled == "enrolled", f"Cleo could not be enrolled: {enrolled}")


def _require_gone(worker: Worker, names: set[str]) -> None:
    state = worker.do("faces")
    require(not names & set(state["templates"]), "a refused face is still there")
    require(not names & set(state["granted"]), "a refused face is still permitted")


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
            _agree_and_enrol(worker, case, ahead)
            till.sell(known["meal"], known["cards"][0])
            clock.set_seconds(path, 0)
            refused = _enrol(worker, case, "Dan")
            require(
                refused == "clock_behind", f"under a clock that is behind the desk was answered {refused}"
            )
            Office(server.port, known["office"], tally).record_no(known["faces"]["Ben"])
            worker.do("withdraw", person=cleo["id"], guardian=cleo["guardian"])
            for seconds in (0, 3 * HOURS, ahead):
                clock.set_seconds(path, seconds)
                _require_gone(worker, {"Cleo", "Ben"})
        clock.set_seconds(path, 0)
        till.sell(known["meal"], known["cards"][1])
        server.require_quiet()
    end_well(case.school, tally)
    return f"{ahead / HOURS:g} h ahead and back, two refusals"
