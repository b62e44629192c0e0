"""What may be upgraded to, and how long an upgrade can be taken back."""

import pytest

from willing.ops.upgrade_rules import (
    HARMLESS,
    Release,
    first_lost,
    new_faults,
    refuse_release,
    refuse_rollback,
)
from willing.privacy.labels import EVENT_LABELS


@pytest.mark.parametrize(
    ("release", "said"),
    [
        (Release("willing", "0.2.0", ">=3.11"), None),
        (Release("willing", "0.2.0"), None),
        (Release("another", "0.2.0"), "not willing"),
        (Release("willing", "0.1.0"), "is what is installed"),
        (Release("willing", "0.0.9"), "is older than 0.1.0"),
        (Release("willing", "0.1.0rc1"), "is older than 0.1.0"),
        (Release("willing", "0.2.0", ">=3.12"), "needs Python >=3.12; this is 3.11.7"),
        (Release("willing", "new"), "nothing that can be read"),
        (Release("willing", "0.2.0", "python 4"), "nothing that can be read"),
    ],
)
def test_only_a_later_version_of_willing_for_this_python_follows(release: Release, said: str | None) -> None:
    found = refuse_release(release, installed="0.1.0", python="3.11.7")
    assert found is None if said is None else said in str(found)


def test_an_upgrade_is_taken_back_only_while_nothing_would_be_lost() -> None:
    quiet = ["program.upgraded", "user.signed_in"]
    assert refuse_rollback(quiet, has_snapshot=True, with_keys=False) is None
    sold = refuse_rollback([*quiet, "sale.completed"], has_snapshot=True, with_keys=False)
    assert "(sale.completed), which would be lost" in str(sold)
    assert "form of the keys" in str(refuse_rollback(quiet, has_snapshot=True, with_keys=True))
    assert "no longer kept" in str(refuse_rollback(quiet, has_snapshot=False, with_keys=False))


def test_no_event_but_the_harmless_is_lost_unnoticed() -> None:
    assert set(EVENT_LABELS) > HARMLESS
    assert first_lost(["user.signed_in", "consent.decided", "sale.completed"]) == "consent.decided"
    assert first_lost([]) is None


def test_only_faults_that_were_not_there_before_count() -> None:
    assert new_faults(["mail: x"], ["mail: x", "disk: y", "disk: y"]) == ["disk: y"]
