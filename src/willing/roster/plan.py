"""Read a roster and compare it with the people here; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import TracebackType

from willing.people.models import School
from willing.people.queries import present_persons, today
from willing.roster.flat_file import read_plain
from willing.roster.likeness import refuse_lookalikes
from willing.roster.list_formats import find_format
from willing.roster.merged_guardians import follow_merged_guardians
from willing.roster.oneroster import read_oneroster
from willing.roster.queries import Terms, compare_links, compare_persons, live_roster_links, load_ids
from willing.roster.row_errors import RowFault, Unreadable
from willing.roster.rules import Change, LinkChange, are_too_many
from willing.roster.sources import FileSource, OneFile, open_source
from willing.roster.staging import Staging
from willing.roster.walk import ImportCounts, Tick, count_changes, walk


@dataclass(frozen=True)
class Options:
    """How to read a roster.

    org: the sourcedId of this school where a bundle has several; "" for the one imported before, or the only
    one. columns: field -> column of a plain list. encoding: "" to find out. absent_stay: who is not in the
    file stays. date_form: of dates.FORMS. header_line: of a plain list, 0 to find out. release: a
    person has read who would leave, so they do although rows are refused.
    """

    org: str = ""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    encoding: str = ""
    absent_stay: bool = False
    date_form: str = ""
    header_line: int = 0
    release: bool = False


@dataclass(frozen=True)
class Allowed:
    """How many leavers, and how many unlinked guardians, an import may have beyond the usual 20 %."""

    leavers: int = 0
    unlinked: int = 0


class Plan:
    """What importing a roster would do. Holds the rows until `close`; use it in a `with`."""

    def __init__(self, school: School, options: Options, staging: Staging, source: str) -> None:
        self.school, self.options, self.staging, self.source = school, options, staging, source
        self.counts, self.digest, self.present, self.links = ImportCounts(), "", 0, 0

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
        """True where the file cannot be read as a whole, so that nothing can be imported."""
        return self.staging.stops_count > 0

    @property
    def terms(self) -> Terms:
        """Whom the file may remove: nobody while a row is refused, unless that was released."""
        absent_leave = self.staging.is_whole and not self.options.absent_stay
        return Terms(absent_leave, hold=self.staging.refused_count > 0 and not self.options.release)

    @property
    def is_holding(self) -> bool:
        """True where a person would leave, or a guardian be unlinked, if no row were refused."""
        return self.counts.leaving_held > 0 or self.counts.unlinked_held > 0

    @property
    def faults(self) -> list[RowFault]:
        """What is wrong, in the order of files and lines."""
        return self.staging.faults()

    @property
    def notes(self) -> Mapping[str, int]:
        """What was left out, and how often."""
        return self.staging.reasons(notes=True)

    def changes(self, limit: int = 1000) -> list[Change]:
        """Return the first `limit` persons of each outcome that changes something, who leaves first."""
        found: dict[str, list[Change]] = {
            "leaving": [],
            "held": [],
            "returning": [],
            "changed": [],
            "added": [],
        }
        batches = compare_persons(self.school, self.staging, self.terms)
        for change in () if self.is_faulty else (one for batch in batches for one in batch):
            listed = found.get(change.outcome)
            if listed is not None and len(listed) < limit:
                listed.append(change)
        return [change for listed in found.values() for change in listed]

    def unlinked(self, limit: int = 1000) -> list[LinkChange]:
        """Return the first guardians' says that end, or would if no row were refused."""
        batches = () if self.is_faulty else compare_links(self.school, self.staging, self.terms)
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


def make_plan(
    school: School,
    path: Path,
    options: Options | None = None,
    *,
    tick: Tick | None = None,
    content: bytes | None = None,
) -> Plan:
    """Read the roster at `path` (folder, zip, CSV, XLSX), compare it with the people here, write nothing.

    content: of an uploaded file with that name, which lies nowhere in the clear.
    Whatever is wrong with the file is in the plan's faults. Close the plan.
    """
    options = options or Options()
    planned = Plan(school, options, Staging(), path.name)
    try:
        _read(planned, path, content)
        if not planned.is_faulty:
            walked = walk(school, planned.staging, planned.terms, tick=tick)
            planned.digest = walked.hash.hexdigest()
            planned.counts = count_changes(school, walked)
            planned.present, planned.links = present_persons(school).count(), live_roster_links(school)
    except BaseException:
        planned.close()
        raise
    return planned


def _read(planned: Plan, path: Path, content: bytes | None) -> None:
    options, staging = planned.options, planned.staging
    load_ids(planned.school, staging)
    known = find_format(planned.school)
    staging.guardians_before = known.guardians_max if known else 0
    try:
        source = open_source(path, content)
    except Unreadable as broken:
        staging.report(broken.fault)
        return
    if isinstance(source, OneFile):
        read_plain(
            source,
            staging,
            columns=options.columns,
            encoding=options.encoding,
            date_form=options.date_form,
            header_line=options.header_line,
        )
    else:
        _read_bundle(planned, source)
    if not planned.is_faulty:
        refuse_lookalikes(staging)
        follow_merged_guardians(planned.school, staging)


def _read_bundle(planned: Plan, source: FileSource) -> None:
    options = planned.options
    read_oneroster(
        source,
        planned.staging,
        org=options.org or planned.school.external_id,
        today=today(planned.school),
        encoding=options.encoding,
        date_form=options.date_form,
    )
