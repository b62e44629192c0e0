"""Read a roster and compare it with the people here; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType

from willing.people.models import School
from willing.people.queries import present_persons, today
from willing.roster.flat_file import read_plain
from willing.roster.oneroster import read_oneroster
from willing.roster.queries import compare_links, compare_persons, live_roster_links
from willing.roster.row_errors import Fault, Unreadable
from willing.roster.rules import Change, LinkChange, are_too_many
from willing.roster.sources import OneFile, Source, open_source
from willing.roster.staging import Staging
from willing.roster.walk import Counts, Tick, count_changes, walk


@dataclass(frozen=True)
class Options:
    """How to read a roster.

    org: the sourcedId of this school where a bundle has several; "" for the one imported before, or the only
    one. columns: field -> column of a plain list. encoding: "" to find out. absent_stay: who is not in the
    file stays.
    """

    org: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    absent_stay: bool = False


@dataclass(frozen=True)
class Allowed:
    """How many leavers, and how many unlinked guardians, an import may have beyond the usual 20 %."""

    leavers: int = 0
    unlinked: int = 0


class Plan:
    """What importing a roster would do. Holds the rows until `close`; use it in a `with`."""

    def __init__(self, school: School, options: Options, staging: Staging, source: str) -> None:
        self.school, self.options, self.staging, self.source = school, options, staging, source
        self.counts, self.digest, self.present, self.links = Counts(), "", 0, 0

    def __enter__(self) -> "Plan":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget the rows."""
        self.staging.close()

    @property
    def is_faulty(self) -> bool:
        """True where a row is wrong, so that nothing can be imported."""
        return self.staging.faults_count > 0

    @property
    def faults(self) -> list[Fault]:
        """What is wrong, in the order of files and lines."""
        return self.staging.faults()

    @property
    def notes(self) -> Mapping[str, int]:
        """What was left out, and how often."""
        return self.staging.reasons(blocking=False)

    def changes(self, limit: int = 1000) -> list[Change]:
        """Return the first `limit` persons of each outcome that changes something, who leaves first."""
        found: dict[str, list[Change]] = {"leaving": [], "returning": [], "changed": [], "added": []}
        batches = compare_persons(self.school, self.staging, absent_leave=self.absent_leave)
        for change in () if self.is_faulty else (one for batch in batches for one in batch):
            listed = found.get(change.outcome)
            if listed is not None and len(listed) < limit:
                listed.append(change)
        return [change for listed in found.values() for change in listed]

    def unlinked(self, limit: int = 1000) -> list[LinkChange]:
        """Return the first `limit` links of guardians that are removed."""
        batches = () if self.is_faulty else compare_links(self.school, self.staging)
        found = (one for batch in batches for one in batch if one.link_id is not None)
        return list(islice(found, limit))

    @property
    def needs_leavers(self) -> bool:
        """True where the import needs the number of leavers confirmed."""
        return are_too_many(self.counts.leaving, self.present, 0)

    @property
    def needs_unlinked(self) -> bool:
        """True where the import needs the number of unlinked guardians confirmed."""
        return are_too_many(self.counts.unlinked, self.links, 0) or self.counts.objections_ending > 0

    @property
    def absent_leave(self) -> bool:
        """True where a person who is not in the file has left."""
        return self.staging.is_whole and not self.options.absent_stay


def make_plan(
    school: School, path: Path, options: Options | None = None, *, tick: Tick | None = None
) -> Plan:
    """Read the roster at `path` (folder, zip, CSV, XLSX), compare it with the people here, write nothing.

    Whatever is wrong with the file is in the plan's faults. Close the plan.
    """
    options = options or Options()
    planned = Plan(school, options, Staging(), path.name)
    try:
        _read(planned, path)
        if not planned.is_faulty:
            walked = walk(school, planned.staging, absent_leave=planned.absent_leave, tick=tick)
            planned.digest = walked.hash.hexdigest()
            planned.counts = count_changes(school, walked)
            planned.present, planned.links = present_persons(school).count(), live_roster_links(school)
    except BaseException:
        planned.close()
        raise
    return planned


def _read(planned: Plan, path: Path) -> None:
    options, staging = planned.options, planned.staging
    try:
        source = open_source(path)
    except Unreadable as broken:
        staging.report(broken.fault)
        return
    if isinstance(source, OneFile):
        read_plain(source, staging, columns=options.columns, encoding=options.encoding)
    else:
        _read_bundle(planned, source)


def _read_bundle(planned: Plan, source: Source) -> None:
    org = planned.options.org or planned.school.external_id
    read_oneroster(
        source, planned.staging, org=org, today=today(planned.school), encoding=planned.options.encoding
    )
