"""How every scenario ends: what was promised holds, and it sells again."""

from random import Random

from tests.faults.processes import Worker, serving
from tests.faults.scenario import Broken, require
from tests.faults.school import School
from tests.faults.tills import Tally, Till


def end_well(school: School, tally: Tally | None = None, *, missing: range = range(0)) -> int:
    """Start the server once more, sell at every till, stop, and look into everything. Raises Broken.

    missing: receipts that were given out after the copy that was restored. Return the highest receipt number.
    """
    tally, drawn = tally or Tally(), Random()
    with serving(school) as server:
        for token, card in zip(school.known["tokens"], school.known["cards"], strict=False):
            Till(server.port, token, drawn, tally).sell(school.known["meal"], card)
        server.require_quiet()
    with Worker(school) as worker:
        faults = worker.do("inspect", promised=tally.promised, missing=list(missing))
        if faults:
            raise Broken("; ".join(faults[:5]))
        for command in (("ledger", "verify"), ("audit", "verify")):
            done = school.run(*command)
            require(done.returncode == 0, f"willing {' '.join(command)} ends with {done.returncode}")
        return int(worker.do("last_receipt"))


def require_faces_follow_decisions(worker: Worker) -> None:
    """Require that after the nightly job a template is there with its key and a permission, or not at all."""
    worker.do("sweep")
    state = worker.do("faces")
    unpermitted = sorted(set(state["templates"]) - set(state["granted"]))
    require(not unpermitted, f"faces of {unpermitted} are there without a permission")
    require(not state["without_key"], f"templates of {state['without_key']} are there without a key")
    require(
        state["keys"] == len(state["templates"]), f"{state['keys']} keys, {len(state['templates'])} faces"
    )
