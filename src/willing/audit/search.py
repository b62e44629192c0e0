"""Search in the log: by event, by who did it, by whom it is about, by day. Newest first, in pages.

Everything is asked in the order of the log, by an index, so that a page of a million entries is as quick as
one of a thousand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, QuerySet

from willing.audit.clock_state import FOUND_BEHIND
from willing.audit.models import Entry
from willing.core.clock import STEP

CHUNK = 2_000


@dataclass(frozen=True)
class LogSearch:
    """What is asked for; what is empty does not count.

    actor_kind: of `actor_rules.KINDS`. actor_id: of a user, a guardian or a till. begin, end: from then on,
    and until before.
    """

    event: str = ""
    actor_kind: str = ""
    actor_id: str = ""
    subject: UUID | None = None
    begin: datetime | None = None
    end: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it is the whole log."""
        return self == LogSearch()


def found_entries(search: LogSearch, *, before: int | None = None, limit: int) -> list[Entry]:
    """Return up to `limit` entries, newest first: those with a sequence below `before`, where it is given."""
    rows = _rows(search)
    if rows is None:
        return []
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    return list(rows.order_by("-sequence").defer("personal_json", "personal_salt")[:limit])


def each_entry(search: LogSearch, *, limit: int) -> Iterator[Entry]:
    """Yield up to `limit` entries, newest first, some thousand at a time."""
    before: int | None = None
    while limit > 0:
        found = found_entries(search, before=before, limit=min(limit, CHUNK))
        yield from found
        if len(found) < min(limit, CHUNK):
            return
        limit, before = limit - len(found), found[-1].sequence


def _rows(search: LogSearch) -> QuerySet[Entry] | None:
    rows = Entry.objects.all()
    if search.event:
        rows = rows.filter(event=search.event)
    if search.actor_id:  # an id is of one kind only, and the index over ids is the narrower one
        rows = rows.filter(actor_id=search.actor_id)
    if search.actor_kind:
        rows = rows.filter(actor_kind=search.actor_kind)
    if search.subject is not None:
        rows = rows.filter(subject=search.subject)
    for at, name in ((search.begin, "begin"), (search.end, "end")):
        if at is not None:
            edge = _first_from(at) if name == "begin" else _last_before(at)
            if edge is None:
                return None
            field, compared = ("sequence__gte", "at__gte") if name == "begin" else ("sequence__lte", "at__lt")
            rows = rows.filter(**{field: edge, compared: at})
    return rows


def _first_from(at: datetime) -> int | None:
    """Return a sequence before which no entry bears `at` or a later time; None where none bears one.

    Entries bear the order of the log within a step of the clock, unless the clock was once behind.
    """
    later = Entry.objects.filter(at__gte=at)
    if not _was_clock_behind():
        first = later.order_by("at").values_list("at", flat=True).first()
        if first is None:
            return None
        later = later.filter(at__lte=first + STEP)
    found: int | None = later.aggregate(found=Min("sequence"))["found"]
    return found


def _last_before(at: datetime) -> int | None:
    """Return a sequence after which no entry bears a time before `at`; None where none bears one."""
    earlier = Entry.objects.filter(at__lt=at)
    if not _was_clock_behind():
        last = earlier.order_by("-at").values_list("at", flat=True).first()
        if last is None:
            return None
        earlier = earlier.filter(at__gte=last - STEP)
    found: int | None = earlier.aggregate(found=Max("sequence"))["found"]
    return found


def _was_clock_behind() -> bool:
    return Entry.objects.filter(event=FOUND_BEHIND).exists()
