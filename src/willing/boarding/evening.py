"""The writers of evening lists: opened, marked and closed by people; and who is missing, for wardens.

Nothing else writes a mark: no camera, no gate, no till, no clock. The log counts the marks of a list; whom
one is about and what it says is in no entry of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import close_old_connections

from willing.accounts.models import User
from willing.audit.actions import record
from willing.boarding import errors
from willing.boarding.alert_mail import JOB
from willing.boarding.models import CheckPoint, EveningList, EveningMark, House
from willing.boarding.queries import (
    EveningLine,
    is_away_at,
    is_over,
    lines_of,
    local_now,
    proposals_of,
    tonight,
)
from willing.boarding.rules import (
    REASON_CHARS_MAX,
    EveningAnswer,
    EveningCloseFault,
    EveningMarkFault,
    EveningMarkMerge,
    OpenFault,
    alerted_after,
    decide_alert,
    decide_close,
    decide_mark,
    decide_merge,
    decide_open,
    due_at,
    is_correction,
    is_missing,
)
from willing.boarding.untaken import notify_of_untaken
from willing.core.clock import now
from willing.core.errors import Refused
from willing.core.ids import new_id
from willing.core.transactions import atomic, lock
from willing.jobs.actions import enqueue
from willing.people.models import School
from willing.people.queries import find_school


@atomic
def open_list(school: School, house_id: UUID, night: date, number: int, *, by: User) -> EveningList:
    """Open one of tonight's lists of a house; whoever comes second gets the same.

    Raises Refused house_unknown, evening_check_unknown, evening_not_tonight, evening_too_early,
    house_retired.
    """
    house = lock(House.objects).filter(school=school, pk=house_id).first()
    if house is None:
        raise errors.house_unknown()
    held = EveningList.objects.filter(house=house, night=night, number=number).first()
    if held is not None:
        return held
    check = CheckPoint.objects.filter(school=school, number=number).first()
    if check is None:
        raise errors.check_unknown()
    due = due_at(night, check.at, ZoneInfo(school.time_zone))
    fault = decide_open(night, due, at=local_now(school), is_retired=house.retired_at is not None)
    if fault is not OpenFault.NONE:
        raise errors.list_not_opened(fault)
    opened = EveningList.objects.create(
        house=house,
        night=night,
        number=number,
        name=check.name,
        due_at=due,
        alert_at=due + timedelta(minutes=check.alert_minutes),
        opened_by=by,
        opened_at=now(),
    )
    facts = {"house": str(house.id), "night": night.isoformat(), "number": number, "by": by.pk}
    record("evening_list.opened", subject=opened.id, facts=facts, personal={})
    return opened


@dataclass(frozen=True)
class NewEveningMark:
    """A mark that a person wants to make.

    id: chosen by the page, so that a form sent twice is one mark. seen: the number of the last mark that the
    page showed of this boarder; 0 for none.
    """

    person_id: UUID
    word: str
    seen: int = 0
    reason: str = ""
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True)
class RecordedEveningMark:
    """What became of one mark of several; refused: why it was not recorded, and the others were."""

    new: NewEveningMark
    merge: EveningMarkMerge | None
    refused: Refused | None = None


@atomic
def record_marks(
    found: EveningList, marks: Sequence[NewEveningMark], *, by: User
) -> list[RecordedEveningMark]:
    """Record marks in a list, each by itself: one that is refused keeps none of the others back.

    Where two people disagree without having seen each other's mark, both are kept, "absent" holds, and a
    person decides.
    """
    taking = _Taking(found, by)
    done = [taking.record(one) for one in marks]
    taking.finish()
    return done


@atomic
def mark_all_here(found: EveningList, *, by: User) -> int:
    """Mark everyone as in the house of whom nothing is known yet, no leave either. Return how many.

    Raises Refused evening_reason_missing once the list is closed or the night over.
    """
    taking = _Taking(found, by)
    known = proposals_of(found).items()
    away = {person_id for person_id, one in known if is_away_at(one, found.due_at)}
    done = [
        taking.record(NewEveningMark(one.person.id, EveningAnswer.HERE))
        for one in taking.lines.values()
        if one.is_boarder and not one.marks and one.person.id not in away
    ]
    refused = next((one.refused for one in done if one.refused), None)
    if refused is not None:
        raise refused
    taking.finish()
    return len(done)


class _Taking:
    """One transaction's work on a list: what holds, and what is added to it."""

    def __init__(self, found: EveningList, by: User) -> None:
        self.list = lock(EveningList.objects).select_related("house__school").get(pk=found.pk)
        self.by = by
        self.lines: dict[UUID, EveningLine] = {one.person.id: one for one in lines_of(self.list)}
        self.is_correction = is_correction(
            is_closed=self.list.closed_at is not None,
            is_over=is_over(self.list.house.school, self.list.night),
        )
        self.made = 0
        self._found = 0

    def record(self, new: NewEveningMark) -> RecordedEveningMark:
        """Record one mark, or say why not."""
        if EveningMark.objects.filter(pk=new.id).exists():
            return RecordedEveningMark(new, EveningMarkMerge.SAME)
        line = self.lines.get(new.person_id)
        reason = " ".join(new.reason.split())[:REASON_CHARS_MAX]
        fault = decide_mark(
            new.word,
            reason,
            is_boarder=line is not None and line.is_boarder,
            is_correction=self.is_correction,
        )
        if line is None or fault is not EveningMarkFault.NONE:
            return RecordedEveningMark(new, None, errors.mark_not_valid(fault))
        merge = decide_merge(line.read_marks, new.word, seen=new.seen, by=self.by.pk)
        if merge is not EveningMarkMerge.SAME:
            self._write(line, new, reason, is_disputed=merge is EveningMarkMerge.DISPUTED)
        return RecordedEveningMark(new, merge)

    def _write(self, line: EveningLine, new: NewEveningMark, reason: str, *, is_disputed: bool) -> None:
        mark = EveningMark.objects.create(
            id=new.id,
            list=self.list,
            person=line.person,
            number=len(line.marks) + 1,
            word=new.word,
            user=self.by,
            recorded_at=now(),
            reason=reason if self.is_correction else "",
            is_correction=self.is_correction,
            is_disputed=is_disputed,
        )
        after = EveningLine(line.person, line.room, (*line.marks, mark))
        self._found += is_missing(line.word) and not is_missing(after.word)
        self.lines[line.person.id] = after
        self.made += 1

    def finish(self) -> None:
        """Log how many were made, and let wardens know of who is missing."""
        if not self.made:
            return
        facts = {"marks": self.made, "corrected": self.made if self.is_correction else 0, "by": self.by.pk}
        record("evening_list.marked", subject=self.list.id, facts=facts, personal={})
        self.list.alerted = alerted_after(self.list.alerted, self._found)
        _alert(self.list, list(self.lines.values()))


def _alert(found: EveningList, lines: Sequence[EveningLine]) -> bool:
    """Put a mail to the wardens into the queue where more are missing than the last one was about."""
    missing = sum(one.is_missing for one in lines)
    is_due = decide_alert(
        missing,
        found.alerted,
        alert_at=found.alert_at,
        now=now(),
        is_tonight=not is_over(found.house.school, found.night),
    )
    found.alerted = missing if is_due else min(found.alerted, missing)
    found.save(update_fields=["alerted"])
    if not is_due:
        return False
    facts = {"missing": missing, "house": str(found.house_id)}
    record("evening_list.alerted", subject=found.id, facts=facts, personal={})
    enqueue(JOB, [found.id])
    return True


@atomic
def close_list(found: EveningList, *, by: User) -> EveningList:
    """Close a list in which everyone has a mark; a later change needs a reason. Closing again is nothing.

    Raises Refused evening_list_has_blanks, evening_list_undecided.
    """
    held = lock(EveningList.objects).select_related("house__school").get(pk=found.pk)
    if held.closed_at is not None:
        return held
    lines = [one for one in lines_of(held) if one.is_boarder]
    fault = decide_close(
        blanks=sum(one.word is None for one in lines), undecided=sum(one.is_undecided for one in lines)
    )
    if fault is not EveningCloseFault.NONE:
        raise errors.list_not_closed(fault)
    held.closed_at, held.closed_by = now(), by
    held.save(update_fields=["closed_at", "closed_by"])
    facts = {"missing": sum(one.is_missing for one in lines), "by": by.pk}
    record("evening_list.closed", subject=held.id, facts=facts, personal={})
    return held


@atomic
def _alert_locked(list_id: UUID) -> bool:
    found = lock(EveningList.objects).select_related("house__school").get(pk=list_id)
    return _alert(found, lines_of(found))


def alert_due(school: School) -> int:
    """Let wardens know of who is missing in tonight's lists whose time is over. Return of how many lists."""
    rows = EveningList.objects.filter(house__school=school, night=tonight(school), alert_at__lte=now())
    return sum(_alert_locked(one) for one in rows.values_list("pk", flat=True))


def alert_due_here() -> int:
    """Do `alert_due` and `notify_of_untaken` for the school of this installation, where there is one yet."""
    school = find_school()
    done = alert_due(school) + notify_of_untaken(school) if school is not None else 0
    close_old_connections()
    return done
