"""One walk through what an import changed: what is put back, and what was changed since and stays."""

from collections.abc import Iterator
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from willing.accounts.models import User
from willing.biometrics.erasure import erase_unpermitted_faces, may_keep
from willing.biometrics.models import Template
from willing.biometrics.suspension import resume_faces_of_returned, suspend_faces_of_leavers
from willing.core.errors import Refused
from willing.core.transactions import lock
from willing.people.classes import delete_class
from willing.people.guardians import unlink_guardians
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.people.put_back import (
    delete_guardians,
    delete_persons,
    in_use,
    put_back_guardians,
    put_back_persons,
    relink_guardians,
)
from willing.people.school import link_school_to_roster
from willing.roster.import_record import Deed, Values, guardian_values_of, persons_with_ways, values_of
from willing.roster.list_formats import put_back_format
from willing.roster.models import ListedChange, ListImport
from willing.roster.queries import objecting_pairs
from willing.roster.rules import decide_fields
from willing.roster.undoing import Undoing

M = TypeVar("M", bound=Model)
READ_AT_ONCE = 500


class UndoWalk:
    """One walk through what an import changed. Faces come last: their keys do not come back."""

    def __init__(self, school: School, made: ListImport, by: User | None, *, write: bool) -> None:
        self.school, self.made, self.user, self.write = school, made, by, write
        self.by = by.pk if by else None
        self.found = Undoing(made)
        self.deleted: list[UUID] = []  # persons
        self.staying: set[UUID] = set()  # persons who were added and are in use
        self.back: list[UUID] = []
        self.gone_again: list[UUID] = []
        self.touched: set[UUID] = set()
        self.deciding: set[UUID] = set()  # guardians whose link stays

    def run(self) -> Undoing:
        """Return what is put back; it is written where that was asked for."""
        self._decide_added_persons()
        self._links()
        self._guardians()
        self._persons()
        self._leavers()
        self._added_guardians()
        if self.write:
            self._finish()
        return self.found

    def _batches(self, deed: str, **about: object) -> Iterator[list[ListedChange]]:
        last = 0
        while rows := list(
            self.made.changes.filter(deed=deed, pk__gt=last, **about).order_by("pk")[:READ_AT_ONCE]
        ):
            last = rows[-1].pk
            persons = self._held(Person.objects.select_related("year_group"), [one.person_id for one in rows])
            guardians = self._held(Guardian.objects.all(), [one.guardian_id for one in rows])
            for one in rows:
                one.person = persons[one.person_id] if one.person_id else None
                one.guardian = guardians[one.guardian_id] if one.guardian_id else None
            yield rows

    def _held(self, rows: QuerySet[M], ids: list[UUID | None]) -> dict[UUID, M]:
        """Return persons or guardians as they are, locked where they are written to afterwards."""
        found = (lock(rows) if self.write else rows).filter(pk__in={one for one in ids if one})
        return {one.pk: one for one in found.order_by("pk")}

    def _decide_added_persons(self) -> None:
        for rows in self._batches(Deed.ADDED, person__isnull=False):
            persons = [one.person for one in rows if one.person]
            ids = [one.pk for one in persons]
            used = in_use(Person, ids, besides=[ListedChange])
            by_hand = GuardianLink.objects.filter(person_id__in=ids, from_roster=False)
            used |= set(by_hand.values_list("person_id", flat=True))
            for row, person in zip(rows, persons, strict=True):
                is_changed = {**row.after, "left_at": ""} != values_of(person)
                if person.pk not in used and not is_changed:
                    self.deleted.append(person.pk)
                    continue
                self.staying.add(person.pk)
                self.found.stay(person.full_name, "in_use" if person.pk in used else "changed")
        self.found.counts["deleted"] = len(self.deleted)

    def _links(self) -> None:
        deleted = set(self.deleted)
        for rows in self._batches(Deed.LINKED):
            # Who is deleted goes with their links; who was added and is in use keeps theirs.
            self._unlink([one for one in rows if one.person_id not in deleted | self.staying])
        for rows in self._batches(Deed.UNLINKED):
            self._relink(rows)

    def _links_of(self, rows: list[ListedChange]) -> dict[tuple[UUID, UUID], GuardianLink]:
        links = GuardianLink.objects.filter(person_id__in=[one.person_id for one in rows])
        return {(one.guardian_id, one.person_id): one for one in links}

    def _unlink(self, rows: list[ListedChange]) -> None:
        links, ended = self._links_of(rows), []
        objecting = objecting_pairs(links.values())
        for row in rows:
            assert row.guardian is not None
            assert row.person is not None
            link = links.get((row.guardian.pk, row.person.pk))
            if row.guardian.merged_into_id:
                self._keep_link(row.guardian, "changed")
                continue
            if link is None or link.ended_at is not None:
                continue
            if (row.guardian.pk, row.person.pk) in objecting:
                self._keep_link(row.guardian, "said_no")
            elif not link.from_roster or row.person.merged_into_id:
                self._keep_link(row.guardian, "changed")
            else:
                ended.append(link)
        self.found.counts["unlinked"] += len(ended)
        self.touched.update(one.person_id for one in ended)
        if self.write:
            unlink_guardians([one.pk for one in ended], by=self.by)

    def _keep_link(self, guardian: Guardian, code: str) -> None:
        self.deciding.add(guardian.pk)
        self.found.stay(guardian.name, code)

    def _relink(self, rows: list[ListedChange]) -> None:
        links, back = self._links_of(rows), []
        for row in rows:
            assert row.guardian is not None
            assert row.person is not None
            link = links.get((row.guardian.pk, row.person.pk))
            if link is None or link.ended_at is None:
                continue
            is_merged = row.person.merged_into_id or row.guardian.merged_into_id
            if link.ended_at.isoformat() != row.after["ended_at"] or is_merged:
                self.found.stay(row.guardian.name, "changed")
            else:
                back.append(link)
        self.found.counts["linked"] += len(back)
        self.touched.update(one.person_id for one in back)
        if self.write:
            relink_guardians([one.pk for one in back], by=self.by)

    def _guardians(self) -> None:
        for rows in self._batches(Deed.CHANGED, guardian__isnull=False):
            values: dict[UUID, Values] = {}
            for row in rows:
                assert row.guardian is not None
                back, stay = decide_fields(row.before, row.after, guardian_values_of(row.guardian))
                if row.guardian.merged_into_id:
                    back, stay = {}, tuple(row.before)
                if stay:
                    self.found.stay(row.guardian.name, "changed", stay)
                if back:
                    values[row.guardian.pk] = back
            self.found.counts["guardians_changed"] += len(values)
            if self.write:
                put_back_guardians(values, by=self.by)

    def _persons(self) -> None:
        for deed in (Deed.CHANGED, Deed.RETURNED):
            for rows in self._batches(deed, person__isnull=False):
                self._put_back(rows)

    def _put_back(self, rows: list[ListedChange]) -> None:
        values: dict[UUID, Values] = {}
        with_ways = persons_with_ways(one.person_id for one in rows if one.person_id)
        for row in rows:
            person = row.person
            assert person is not None
            before = {name: value for name, value in row.before.items() if name not in ("left_at", "ways")}
            back, stay = decide_fields(before, row.after, values_of(person))
            if person.merged_into_id or not person.given_name:
                back, stay = {}, tuple(before)
            if row.deed == Deed.RETURNED and person.left_at is None:
                if person.pk in with_ways and not row.before["ways"]:
                    self.found.stay(person.full_name, "in_use")
                    continue
                back["left_at"] = row.before["left_at"]
                self.gone_again.append(person.pk)
            if stay:
                self.found.stay(person.full_name, "changed", stay)
            if back:
                values[person.pk] = back
        gone = sum("left_at" in one for one in values.values())
        self.found.counts["leaving"] += gone
        self.found.counts["changed"] += len(values) - gone
        self.touched.update(values)
        if self.write:
            put_back_persons(self.school, values, by=self.by)

    def _leavers(self) -> None:
        for rows in self._batches(Deed.LEFT):
            back = []
            templates = _faces_of(rows)
            for row in rows:
                assert row.person is not None
                left_at = row.person.left_at
                if left_at is None:
                    continue
                if left_at.isoformat() != row.after["left_at"] or row.person.merged_into_id:
                    self.found.stay(row.person.full_name, "not_here")
                    continue
                back.append(row.person.pk)
                if row.before["face"] and row.person.pk not in templates:
                    self.found.stay(row.person.full_name, "face_gone")
            self.found.counts["returned"] += len(back)
            self.found.counts["faces"] += len(templates.intersection(back))
            self.back += back
            if self.write:
                put_back_persons(self.school, {one: {"left_at": ""} for one in back}, by=self.by)

    def _added_guardians(self) -> None:
        deleted = set(self.deleted)
        for rows in self._batches(Deed.ADDED, guardian__isnull=False):
            guardians = [one.guardian for one in rows if one.guardian]
            ids = [one.pk for one in guardians]
            used = in_use(Guardian, ids, besides=[ListedChange]) | self.deciding
            for link in GuardianLink.objects.filter(guardian_id__in=ids):
                if link.from_roster is False or link.person_id in self.staying:
                    used.add(link.guardian_id)
            gone = []
            for row, guardian in zip(rows, guardians, strict=True):
                if guardian.pk in used:
                    continue  # whoever they belong to is listed, or says no
                if row.after != guardian_values_of(guardian):
                    self.found.stay(guardian.name, "changed")
                else:
                    gone.append(guardian.pk)
            self.found.counts["guardians_deleted"] += len(gone)
            if self.write:
                _delete_with_links(gone, deleted, self.by)

    def _finish(self) -> None:
        for at in range(0, len(self.deleted), READ_AT_ONCE):
            delete_persons(self.deleted[at : at + READ_AT_ONCE], by=self.by)
        for class_id in self.made.classes_added:
            try:
                delete_class(self.school, class_id, by=self.by)
            except Refused:
                continue  # the office has put someone into it, or has deleted it
        put_back_format(self.school, self.made.format_before)
        if self.school.external_id != self.made.external_id_before:
            link_school_to_roster(self.school, self.made.external_id_before)
        suspend_faces_of_leavers(self.gone_again, by=self.user)
        resume_faces_of_returned(self.back, by=self.user)
        erase_unpermitted_faces(sorted(self.touched), cause="roster")


def _faces_of(rows: list[ListedChange]) -> set[UUID]:
    """Return whose face waits, and is still permitted."""
    held = Template.objects.filter(person_id__in=[one.person_id for one in rows])
    return {one.person_id for one in held.select_related("person").defer("sealed") if may_keep(one)}


def _delete_with_links(ids: list[UUID], deleted: set[UUID], by: int | None) -> None:
    """Delete guardians; their links to persons who are deleted as well need no word of their own."""
    links = GuardianLink.objects.filter(guardian_id__in=ids, ended_at=None).exclude(person_id__in=deleted)
    assert not links.exists(), "a guardian who may decide for anyone is not deleted"
    delete_guardians(ids, by=by)
