"""Twenty lunch hours with kills, lost answers and a jumping clock: `make simulate` runs ten thousand."""

import pytest
from tests.simulator.world import World
from tests.support.databases import engine
from tests.support.school import Cast, build

from willing.keys.set_up import finish_set_up

pytestmark = pytest.mark.whole

HOURS = 20
# What the office is refused for is foretold action by action.
OFFICE = frozenset({"amount_not_positive", "drawer_closed", "not_siblings", "reversal_too_large"})
# So are these at the tills, where cash and voids are foretold as well.
TILLS = frozenset({"till_takes_no_cash", "tender_too_small", "void_needs_sign_on"})
SEED = "3"


def test_after_every_hour_each_promised_sale_is_there_once_and_books_and_log_are_whole(cast):
    world = World(cast, f"{SEED}/0")
    try:
        for _ in range(HOURS):
            world.run_hour()
    finally:
        world.leave()
    counts = world.counts
    assert counts.sales > 15 * HOURS
    assert counts.kills > 5 * HOURS
    assert counts.lost_answers > 5 * HOURS
    assert [name for name, count in vars(counts).items() if not count] == []
    assert {"extras_not_covered", "daily_limit_reached"} <= counts.refused.keys()
    assert counts.refused.keys() >= OFFICE
    assert counts.refused.keys() >= TILLS


def test_a_seed_lives_through_the_same_hours_in_a_school_made_anew(tmp_path, django_db_blocker):
    digests = []
    with django_db_blocker.unblock():
        for place, seed in enumerate(("7", "7", "8")):
            folder = tmp_path / str(place)
            folder.mkdir()
            databases = engine(folder)
            databases.use_template()
            databases.migrate()
            finish_set_up()
            world = World(Cast(*build()), seed)
            for _ in range(2):
                world.run_hour()
            world.leave()
            databases.seal_template()
            digests.append(world.digest)
    assert digests[0] == digests[1] != digests[2]
