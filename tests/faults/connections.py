"""Connections are cut in the middle of requests and of answers."""

from tests.faults.endings import end_well
from tests.faults.kills import tills
from tests.faults.processes import serving
from tests.faults.proxy import CuttingProxy
from tests.faults.scenario import Case, scenario
from tests.faults.tills import Tally, Together


@scenario("cut-connections")
def cut_connections(case: Case) -> str:
    """Three tills sell through a proxy that cuts a third of their connections."""
    tally = Tally()
    with serving(case.school) as server:
        proxy = CuttingProxy(server.port, case.branch("proxy"))
        try:
            Together(tills(case, proxy.port, tally, 20)).finish()
        finally:
            proxy.close()
        server.require_quiet()
    end_well(case.school, tally)
    return f"{proxy.cuts} of {proxy.connections} connections cut, {len(tally.promised)} baskets"
