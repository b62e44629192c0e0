from dataclasses import asdict

import pytest

from willing.roster.apply import apply_plan
from willing.roster.plan import Allowed, Options, Plan, make_plan


@pytest.fixture
def planned(cast, tmp_path):
    """Return a function that plans a bundle or a path, and close what it planned."""
    open_plans: list[Plan] = []

    def planned(what, **options):
        path = what.zip(tmp_path / f"bundle{len(open_plans)}.zip") if hasattr(what, "zip") else what
        found = make_plan(cast.school, path, Options(**options))
        open_plans.append(found)
        return found

    yield planned
    for one in open_plans:
        one.close()


@pytest.fixture
def imported(planned):
    """Return a function that plans and applies, and gives the counts that are not nothing."""

    def imported(what, *, leavers=0, unlinked=0, **options):
        done = apply_plan(planned(what, **options), allowed=Allowed(leavers, unlinked))
        return {name: value for name, value in asdict(done.counts).items() if value}

    return imported


@pytest.fixture
def faults(planned):
    """Return a function that plans and gives file, line, code and column of everything that is wrong."""

    def faults(what, **options):
        return [(one.file, one.line, one.code, one.column) for one in planned(what, **options).faults]

    return faults
