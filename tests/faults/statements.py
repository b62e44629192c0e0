"""The process is killed at each statement boundary of a sale in turn (tests/till/dying_sales.py)."""

from tests.faults.endings import end_well
from tests.faults.scenario import Case, NotPossible, require, scenario
from tests.faults.school import School, build
from tests.postgres.cluster import PostgresMissing, cluster, find_programs
from tests.till.killed_sales import faults_in, kill_at_each_statement, require_it_died_everywhere


def _kill(school: School) -> str:
    attempts = kill_at_each_statement(school.environment)
    deaths = require_it_died_everywhere(attempts)
    faults = faults_in(attempts)
    require(not faults, "; ".join(faults[:5]))
    end_well(school)
    return f"killed at each of {deaths} boundaries, {len(attempts)} sales"


@scenario("statements-sqlite")
def kill_on_sqlite(case: Case) -> str:
    """Each boundary on SQLite."""
    return _kill(case.school)


@scenario("statements-postgres")
def kill_on_postgres(case: Case) -> str:
    """Each boundary on PostgreSQL, which must let go of what the dead process had locked."""
    try:
        find_programs()
    except PostgresMissing as error:
        raise NotPossible(str(error)) from None
    with cluster(fsync=False) as running:
        urls = {"WILLING_DATABASE_URL": running.main_url, "WILLING_KEYS_DATABASE_URL": running.keys_url}
        return _kill(build(case.folder / "postgres", urls))
