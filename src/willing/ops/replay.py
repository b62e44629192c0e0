"""What is done to a database that was restored from a copy, before anyone is let in again.

The log begins a new origin, receipts and Zs go on above the highest number known, the journal of refusals is
replayed, keys that were destroyed are destroyed again, revoked cards revoked, and everyone signs in anew.
Each step finds done what is done, so a replay that is broken off is simply run again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from willing.accounts.models import User
from willing.accounts.retention import revoke_all_sessions
from willing.audit import journal
from willing.audit.actions import finish_opening
from willing.audit.journal_file import Journal, JournalFileLine, Position
from willing.audit.origins import LastKnown, open_origin
from willing.audit.queries import restores
from willing.audit.signing import own_key
from willing.audit.verify.restores import RESTORED
from willing.audit.verify_database import head_of
from willing.biometrics.restores import (
    delete_templates_of,
    replay_refusal,
    replay_suspension,
    require_confirmation,
)
from willing.credentials.cards import replay_revoked_cards
from willing.dpia.actions import replay_manual_lock
from willing.dpia.fuses import replay_blown
from willing.drawers.models import Drawer
from willing.drawers.numbers import skip_pay_ins, skip_zs
from willing.keys.actions import replay_destroyed
from willing.people.models import School
from willing.people.queries import find_school
from willing.terminals.pairing import replay_unpaired
from willing.terminals.second_screens import unpair_all_second_screens
from willing.terminals.sign_ons import sign_off_everyone
from willing.till.receipts import skip_receipts

DESTROYED_AT_ONCE = 500
# Of each kind (audit.journal.number_finders) the highest number given out, by the id of whose they are.
Numbers = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class KnownBeforeRestore:
    """What is known beside the restored databases.

    journal: None where there is none. position: the journal's last line when the copy was taken, as signed
    with it; None where nothing is signed. is_copy: whether a copy has to say the position.
    marks: the log's end and the highest numbers by the minute. replaced: what the replaced database said
    last.
    is_main: whether the main database was restored, or only the keys. with_keys: whether there are keys.
    """

    restore_id: UUID
    journal: Journal | None
    marks: JournalFileLine | None = None
    position: Position | None = None
    is_copy: bool = True
    is_main: bool = True
    with_keys: bool = True
    replaced: LastKnown | None = None
    signed: Sequence[LastKnown] = ()
    numbers: Numbers = field(default_factory=dict)


@dataclass
class Replayed:
    """What a replay changed. is_covered: whether the journal covers the time since the copy."""

    is_covered: bool = False
    refusals: int = 0
    keys: int = 0
    cards: int = 0
    suspensions: int = 0
    terminals: int = 0
    locks: int = 0
    unconfirmed: int = 0
    receipts_skipped: int = 0
    pay_ins_skipped: int = 0
    zs_skipped: int = 0
    lost_entries: int | None = 0
    public_key: str = ""


def replay(known: KnownBeforeRestore) -> Replayed:
    """Bring restored databases to where nobody's refusal is forgotten. Return what was done.

    Raises SigningKeyUnreadable, TreeDamaged.
    """
    done = Replayed()
    lines = known.journal.lines if known.journal else []
    if known.is_main:
        newer = find_newer(lines, known.restore_id)
        done.is_covered = is_covered(known)
        _open_origin(known, done)
        _skip_numbers(known, done)
    if known.with_keys:
        _destroy_keys(lines, done)
    if known.is_main:
        done.cards = _revoke_cards(lines)
        for line in newer:
            _replay_line(line, done)
        done.locks += _replay_manual_lock(newer)
        if not done.is_covered:
            done.unconfirmed = require_confirmation()
        revoke_all_sessions()
        sign_off_everyone()
        unpair_all_second_screens()
    done.public_key = str(own_key())
    journal.write_pending()
    journal.write_marks()
    return done


def is_covered(known: KnownBeforeRestore) -> bool:
    """Say whether the journal holds every refusal since the copy.

    It does where it is whole and still has the line that was last when the copy was taken. Of a copy
    without a signature of ours (PostgreSQL), only that the journal began before it can be known.
    """
    if _is_nothing_lost(known):
        return True
    if known.journal is None or not known.journal.is_whole:
        return False
    if known.is_copy:
        return known.position is not None and known.journal.has(known.position)
    begun = [replace(known.journal.lines[0], entry=known.journal.lines[0].size)]
    return not find_newer(begun, known.restore_id)


def find_newer(lines: Sequence[JournalFileLine], restore_id: UUID) -> list[JournalFileLine]:
    """Return the lines of deeds that the restored log does not hold, oldest first.

    A log that was restored before has several origins. A line of one that is closed is known, for that
    restore replayed it; one of an origin that only a later restore opened is not. restore_id: of the one
    under way, which may have been broken off: what it recorded itself is not what the copy held.
    """
    mine = [one for one in restores() if one.restore_id == str(restore_id)]
    earlier = [one for one in restores() if one not in mine]
    known = {one.restore_id for one in (*earlier, *mine)}
    over = {name for one in earlier for name in one.origins} | {one.opened for one in mine}
    later = {
        line.facts["opened"] for line in lines if line.kind == RESTORED and line.facts["restore"] not in known
    }
    size = mine[0].kept if mine else head_of().sequence

    def is_newer(line: JournalFileLine) -> bool:
        return (
            line.entry is not None and line.origin not in over and (line.origin in later or line.entry > size)
        )

    return [line for line in lines if is_newer(line)]


def _open_origin(known: KnownBeforeRestore, done: Replayed) -> None:
    if _is_nothing_lost(known):
        return
    head, last = head_of(), _last_known(known)
    is_copy_last = last is None or last.size <= head.sequence
    opened = open_origin(known.restore_id, None if is_copy_last else last, by={"journal": done.is_covered})
    finish_opening()
    done.lost_entries = opened.lost


def _is_nothing_lost(known: KnownBeforeRestore) -> bool:
    """Say whether the replaced database held nothing that the copy does not."""
    here = LastKnown(head_of().sequence, _root())
    return known.replaced == here and _last_known(known) == here


def _last_known(known: KnownBeforeRestore) -> LastKnown | None:
    """Return how far the log is known to have come, from the best source."""
    lines = known.journal.lines if known.journal else []
    told = [*lines, *([known.marks] if known.marks else [])]
    own = own_key().name
    ends = [LastKnown(line.size, line.root) for line in told if line.origin == own and line.size]
    ends += [*known.signed, *([known.replaced] if known.replaced else [])]
    return max(ends, key=lambda one: one.size, default=None)


def _root() -> str:
    from willing.audit import tree

    return tree.edge_of(head_of()).root().hex()


def highest_of(claimed: Iterable[Numbers]) -> Numbers:
    """Return the highest of each kind and owner that any of them names."""
    found: dict[str, dict[str, int]] = {}
    for numbers in claimed:
        for kind, by_owner in numbers.items():
            of_kind = found.setdefault(kind, {})
            for owner, last in by_owner.items():
                of_kind[owner] = max(last, of_kind.get(owner, 0))
    return found


def _skip_numbers(known: KnownBeforeRestore, done: Replayed) -> None:
    """Let all that is numbered go on above what was given out after the copy: families hold receipts."""
    lines = known.journal.lines if known.journal else []
    marks = [known.marks] if known.marks else []
    highest = highest_of([known.numbers, *(line.numbers for line in [*lines, *marks])])

    def last_given(kind: str, owner: UUID) -> int:
        return highest.get(kind, {}).get(str(owner), 0)

    for school in School.objects.all():
        done.receipts_skipped += skip_receipts(school, last_given("receipts", school.id))
        done.pay_ins_skipped += skip_pay_ins(school, last_given("pay_ins", school.id))
    for drawer in Drawer.objects.all():
        done.zs_skipped += skip_zs(drawer, last_given("zs", drawer.id))


def _destroy_keys(lines: Iterable[JournalFileLine], done: Replayed) -> None:
    """Destroy again whatever was ever destroyed: an id is never used twice, and the copies differ in age."""
    ids = [UUID(one) for line in lines if line.kind == "keys.destroyed" for one in line.facts["keys"]]
    for at in range(0, len(ids), DESTROYED_AT_ONCE):
        some = ids[at : at + DESTROYED_AT_ONCE]
        done.keys += replay_destroyed(some)
        delete_templates_of(some)


def _revoke_cards(lines: Iterable[JournalFileLine]) -> int:
    ids = [UUID(one) for line in lines if line.kind == "card.revoked" for one in line.facts["cards"]]
    return sum(
        replay_revoked_cards(ids[at : at + DESTROYED_AT_ONCE]) for at in range(0, len(ids), DESTROYED_AT_ONCE)
    )


def _replay_line(line: JournalFileLine, done: Replayed) -> None:
    replayer = REPLAYERS.get(line.kind)
    if replayer is not None:
        counter, run = replayer
        setattr(done, counter, getattr(done, counter) + bool(run(line.facts)))


def _refuse(facts: Mapping[str, Any]) -> bool:
    guardian = UUID(facts["guardian"]) if facts["guardian"] else None
    return replay_refusal(UUID(facts["person"]), guardian, facts["purpose"], facts["answer"])


def _suspend(facts: Mapping[str, Any]) -> bool:
    return replay_suspension(UUID(facts["person"]), facts["purpose"], facts["reason"])


def _unpair(facts: Mapping[str, Any]) -> bool:
    return replay_unpaired(UUID(facts["terminal"]))


def _blow(facts: Mapping[str, Any]) -> bool:
    return replay_blown(facts["school"], facts["kind"], facts["class"])


# What is done once for each line that is newer than the copy, and where it is counted.
REPLAYERS: dict[str, tuple[str, Callable[[Mapping[str, Any]], bool]]] = {
    "consent.refused": ("refusals", _refuse),
    "face.suspended": ("suspensions", _suspend),
    "terminal.unpaired": ("terminals", _unpair),
    "fuse.blown": ("locks", _blow),
}
# What is done for all lines together.
TOGETHER = frozenset({"keys.destroyed", "card.revoked", "face_lock.manual_changed", RESTORED})


def _replay_manual_lock(newer: Iterable[JournalFileLine]) -> int:
    """Lock faces where they were locked by hand last, and not unlocked again."""
    turns = [line.facts for line in newer if line.kind == "face_lock.manual_changed"]
    school = find_school()
    if not turns or not turns[-1]["is_locked"] or school is None:
        return 0
    return int(replay_manual_lock(school, by=User.objects.filter(pk=turns[-1]["by"]).first()))
