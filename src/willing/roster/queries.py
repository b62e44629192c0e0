"""Compare a staged roster with the people here, some hundred at a time. Reads only."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet

from willing.consent.models import Answer, Decision
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.roster.rules import (
    Change,
    GuardianChange,
    HeldGuardian,
    KnownPerson,
    LinkChange,
    decide_guardian,
    decide_person,
    hold_back,
    hold_back_link,
    leave,
)
from willing.roster.staging import Staging

BATCH = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom a file may remove. absent_leave: who is here and not in the file has left.

    hold: nobody leaves and no guardian is unlinked; who would is found and only listed.
    """

    absent_leave: bool
    hold: bool = False


def load_ids(school: School, staging: Staging) -> None:
    """Lay down the ids of everyone known here, so that the file's can be held against them."""
    for kind, rows in (("person", Person.objects), ("guardian", Guardian.objects)):
        ids = rows.filter(school=school).exclude(external_id="").values_list("external_id", flat=True)
        for external_id in ids.iterator():
            staging.insert("here", kind, external_id)


def compare_persons(school: School, staging: Staging, terms: Terms) -> Iterator[list[Change]]:
    """Yield what becomes of every person of the file, then of those not in it, where they leave."""
    for batch in _compare_persons(school, staging, terms):
        yield [hold_back(one) for one in batch] if terms.hold else batch


def _compare_persons(school: School, staging: Staging, terms: Terms) -> Iterator[list[Change]]:
    for rows in staging.persons(BATCH):
        ids = [row.external_id for row in rows]
        held = _held(Person.objects.filter(school=school, external_id__in=ids))
        yield [decide_person(row, held.get(row.external_id)) for row in rows]
    if terms.absent_leave:
        yield from _absent(school, staging)


def _held(rows: QuerySet[Person]) -> dict[str, KnownPerson]:
    """Return persons by external id; values instead of models, for an import holds up every other writer."""
    columns = ("id", "kind", "given_name", "family_name", "year_group__name", "left_at", "birth_date")
    return {
        external_id: KnownPerson(
            person_id, kind, given_name, family_name, year or "", left_at is not None, str(born or "")
        )
        for external_id, person_id, kind, given_name, family_name, year, left_at, born in rows.values_list(
            "external_id", *columns
        )
    }


def _absent(school: School, staging: Staging) -> Iterator[list[Change]]:
    """Yield who is here by a roster and not in this one. Who was added by hand is not the roster's to end."""
    last = ""
    while True:
        rows = Person.objects.filter(school=school, left_at=None, external_id__gt=last)
        ids = list(rows.order_by("external_id").values_list("external_id", flat=True)[:BATCH])
        if not ids:
            return
        last = ids[-1]
        gone = sorted(set(ids) - staging.known(ids) - staging.refused(ids))
        held = _held(Person.objects.filter(school=school, external_id__in=gone))
        yield [leave(external_id, held[external_id]) for external_id in gone]


def compare_guardians(school: School, staging: Staging) -> Iterator[list[GuardianChange]]:
    """Yield what becomes of every guardian of the file."""
    for rows in staging.guardians(BATCH):
        ids = [row.external_id for row in rows]
        held = {
            one.external_id: HeldGuardian(one.id, one.name, one.email, one.phone, one.language)
            for one in Guardian.objects.filter(school=school, external_id__in=ids)
        }
        yield [decide_guardian(row, held.get(row.external_id)) for row in rows]


def compare_links(school: School, staging: Staging, terms: Terms) -> Iterator[list[LinkChange]]:
    """Yield the guardians who are linked to persons and unlinked.

    A file without a column for guardians says nothing of them, so it unlinks nobody; nor does any file unlink
    a guardian whom the office entered.
    """
    for batch in _compare_links(school, staging):
        yield [hold_back_link(one) for one in batch] if terms.hold else batch


def _compare_links(school: School, staging: Staging) -> Iterator[list[LinkChange]]:
    ends_missing = staging.is_whole and staging.guardians_max > 0
    removed: set[int] = set()
    for persons in staging.linked(BATCH):
        batch = _links_of(school, staging, persons, removes_missing=ends_missing)
        removed.update(one.link_id for one in batch if one.link_id is not None)
        yield batch
    if not staging.is_whole:
        for rows in staging.guardians(BATCH):
            gone = [row.external_id for row in rows if row.is_leaving]
            found = _links_removed_by(school, staging, gone, [row.external_id for row in rows])
            yield [one for one in found if one.link_id not in removed]


def _links_of(
    school: School, staging: Staging, persons: list[str], *, removes_missing: bool
) -> list[LinkChange]:
    live = _live(school).filter(person__external_id__in=persons)
    here = {(person, guardian): (link, mine) for link, person, guardian, mine in live.values_list(*_LINK)}
    whole = (
        _with_whole_lists(staging, persons, here)
        if removes_missing
        else staging.wholly_listed("person", persons)
    )
    staged = {(link.person, link.guardian): link for of in staging.links_of(persons).values() for link in of}
    news = _resolvable(school, staging, [pair for pair in staged if pair not in here])
    changes = [LinkChange(*pair, staged[pair].relationship) for pair in sorted(news)]
    for (person, guardian), (link, mine) in sorted(here.items()):
        if mine and person in whole and (person, guardian) not in staged:
            changes.append(LinkChange(person, guardian, link_id=link))
    return changes


def _with_whole_lists(
    staging: Staging, persons: list[str], here: Mapping[tuple[str, str], tuple[int, bool]]
) -> set[str]:
    """Return those of whose guardians the file can name all.

    A list that had columns for more guardians before says nothing of those beyond its room.
    """
    found = set(persons) - staging.untold(persons)
    if staging.guardians_max >= staging.guardians_before:
        return found
    count = Counter(person for (person, _), (_, mine) in here.items() if mine)
    return {person for person in found if count[person] <= staging.guardians_max}


_LINK = ("id", "person__external_id", "guardian__external_id", "from_roster")


def _live(school: School) -> QuerySet[GuardianLink]:
    rows = GuardianLink.objects.filter(
        person__school=school, ended_at=None, guardian__school=F("person__school")
    )
    return rows.exclude(guardian__external_id="")


def _resolvable(school: School, staging: Staging, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the pairs of whom both are here or come with the file; a delta may name others."""
    persons, guardians = list({one[0] for one in pairs}), list({one[1] for one in pairs})
    here = Person.objects.filter(school=school, external_id__in=persons)
    known_persons = staging.known(persons) | set(here.values_list("external_id", flat=True))
    there = Guardian.objects.filter(school=school, external_id__in=guardians)
    known_guardians = staging.sure_guardians(guardians) | set(there.values_list("external_id", flat=True))
    return [pair for pair in pairs if pair[0] in known_persons and pair[1] in known_guardians]


def _links_removed_by(
    school: School, staging: Staging, gone: list[str], guardians: list[str]
) -> list[LinkChange]:
    """Return the links that a delta removes from the guardians' side: they go, or name other pupils only."""
    whole = staging.wholly_listed("guardian", guardians) | set(gone)
    staged = staging.persons_of(sorted(whole))
    live = _live(school).filter(guardian__external_id__in=whole, from_roster=True).order_by("id")
    return [
        LinkChange(person, guardian, link_id=link)
        for link, person, guardian, _ in live.values_list(*_LINK)
        if guardian in gone or (person, guardian) not in staged
    ]


def count_objections(link_ids: Sequence[int]) -> int:
    """Return how many of these guardians' latest decisions about their pupil are a no, for any purpose."""
    return len(objecting_pairs(GuardianLink.objects.filter(pk__in=link_ids)))


def objecting_pairs(links: Iterable[GuardianLink]) -> set[tuple[UUID, UUID]]:
    """Return the ids of guardian and person of these links where the guardian's latest decision is a no."""
    pairs = {(one.guardian_id, one.person_id) for one in links}
    persons = {person for _, person in pairs}
    words = Decision.objects.filter(person_id__in=persons, undo=None).exclude(guardian=None)
    last = {
        (guardian, person, purpose): answer
        for guardian, person, purpose, answer in words.order_by("number").values_list(
            "guardian_id", "person_id", "purpose", "answer"
        )
    }
    return {
        (guardian, person)
        for (guardian, person, _), answer in last.items()
        if guardian and answer != Answer.YES and (guardian, person) in pairs
    }


def live_roster_links(school: School) -> int:
    """Return how many guardians' links came from a roster and hold today."""
    return _live(school).filter(from_roster=True).count()
