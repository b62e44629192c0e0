"""The writer of what an import changes, so that it can be undone within a day (`roster.undo`)."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.forms.models import model_to_dict

from willing.accounts.models import User
from willing.biometrics.models import Template
from willing.core.numbers import next_number
from willing.credentials.models import Card, Pin
from willing.people.guardians import NewGuardian, NewLink
from willing.people.models import Guardian, GuardianLink, Person, School, YearGroup
from willing.roster.list_formats import find_format
from willing.roster.models import ListedChange, ListImport
from willing.roster.rules import Change

Deed = ListedChange.Deed
Values = dict[str, str]
PERSON_FIELDS = ("given_name", "family_name", "kind", "year", "birth_date")
GUARDIAN_FIELDS = ("name", "email", "phone", "language")
FORMAT_FIELDS = ("columns", "encoding", "date_form", "header_line", "guardians_max")
WRITTEN_AT_ONCE = 500


def values_of(person: Person) -> Values:
    """Return what a list may change of a person, as text; "" where there is nothing."""
    return {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "kind": person.kind,
        "year": person.year_group.name if person.year_group else "",
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "left_at": person.left_at.isoformat() if person.left_at else "",
    }


def guardian_values_of(guardian: Guardian) -> Values:
    """Return what a list may change of a guardian."""
    return {field: getattr(guardian, field) for field in GUARDIAN_FIELDS}


def persons_with_ways(person_ids: Iterable[UUID]) -> set[UUID]:
    """Return who of these has a card that is not revoked, a PIN or a face."""
    ids = list(person_ids)
    found: set[UUID] = set()
    for rows in (
        Card.objects.filter(person_id__in=ids, revoked_at=None),
        Pin.objects.filter(person_id__in=ids),
        Template.objects.filter(person_id__in=ids),
    ):
        found.update(rows.values_list("person_id", flat=True))
    return found


class ImportRecord:
    """What one import changes, written a batch at a time in its transaction, while the school is locked."""

    def __init__(self, school: School, by: User | None) -> None:
        held = find_format(school)
        self.school = school
        self.row = ListImport.objects.create(
            school=school,
            number=next_number(ListImport.objects.filter(school=school)),
            by=by,
            format_before=model_to_dict(held, fields=FORMAT_FIELDS) if held else {},
            external_id_before=school.external_id,
        )
        self._classes = self._class_ids()

    def _class_ids(self) -> set[int]:
        return set(YearGroup.objects.filter(school=self.school).values_list("pk", flat=True))

    def add_persons(self, persons: Sequence[Person], changes: Sequence[Change]) -> None:
        """Note who was added, in the same order."""
        self._write(
            ListedChange(deed=Deed.ADDED, person=person, after=_wanted(change, PERSON_FIELDS))
            for person, change in zip(persons, changes, strict=True)
        )

    def change_persons(self, changes: Sequence[Change]) -> None:
        """Note what is about to change of persons, and who returns; call it before that is written."""
        ids = [one.person_id for one in changes if one.person_id]
        held = Person.objects.filter(school=self.school).select_related("year_group").in_bulk(ids)
        with_ways = persons_with_ways(
            one.person_id for one in changes if one.outcome == "returning" if one.person_id
        )
        rows = []
        for change in changes:
            assert change.person_id is not None
            here = values_of(held[change.person_id])
            before = {field: here[field] for field in change.fields}
            is_back = change.outcome == "returning"
            if is_back:
                before |= {"left_at": here["left_at"], "ways": "yes" if change.person_id in with_ways else ""}
            rows.append(
                ListedChange(
                    deed=Deed.RETURNED if is_back else Deed.CHANGED,
                    person_id=change.person_id,
                    before=before,
                    after=_wanted(change, change.fields),
                )
            )
        self._write(rows)

    def add_guardians(self, guardians: Sequence[Guardian]) -> None:
        """Note which guardians were added."""
        self._write(
            ListedChange(deed=Deed.ADDED, guardian=one, after=guardian_values_of(one)) for one in guardians
        )

    def change_guardians(self, changes: Mapping[UUID, NewGuardian]) -> None:
        """Note what is about to change of guardians, by id; call it before that is written."""
        held = Guardian.objects.filter(school=self.school).in_bulk(list(changes))
        rows = []
        for guardian_id, wanted in changes.items():
            here = guardian_values_of(held[guardian_id])
            after = {field: getattr(wanted, field) for field in here}
            after = {field: value for field, value in after.items() if value and here[field] != value}
            before = {field: here[field] for field in after}
            rows.append(ListedChange(deed=Deed.CHANGED, guardian_id=guardian_id, before=before, after=after))
        self._write(rows)

    def link(self, links: Iterable[NewLink]) -> None:
        """Note who became a guardian of whom."""
        self._write(
            ListedChange(deed=Deed.LINKED, guardian_id=one.guardian_id, person_id=one.person_id)
            for one in links
        )

    def unlink(self, link_ids: Sequence[int]) -> None:
        """Note who was removed as a guardian of whom; call it once that is written."""
        rows = GuardianLink.objects.filter(pk__in=link_ids).exclude(ended_at=None)
        self._write(
            ListedChange(
                deed=Deed.UNLINKED,
                guardian_id=one.guardian_id,
                person_id=one.person_id,
                after={"ended_at": one.ended_at.isoformat() if one.ended_at else ""},
            )
            for one in rows
        )

    def leave(self, person_ids: Sequence[UUID]) -> None:
        """Note who left; call it once that is written."""
        faces = set(Template.objects.filter(person_id__in=person_ids).values_list("person_id", flat=True))
        rows = Person.objects.filter(pk__in=person_ids).exclude(left_at=None)
        self._write(
            ListedChange(
                deed=Deed.LEFT,
                person=one,
                before={"face": "yes" if one.pk in faces else ""},
                after={"left_at": one.left_at.isoformat() if one.left_at else ""},
            )
            for one in rows.only("pk", "left_at")
        )

    def _write(self, rows: Iterable[ListedChange]) -> None:
        made = list(rows)
        for one in made:
            one.list_import = self.row
        ListedChange.objects.bulk_create(made, batch_size=WRITTEN_AT_ONCE)

    def finish(self, entry: int) -> None:
        """Close the record. entry: of the log. Where nothing changed, no record stays."""
        if self.row.changes.exists():
            classes = sorted(self._class_ids() - self._classes)
            ListImport.objects.filter(pk=self.row.pk).update(entry=entry, classes_added=classes)
        else:
            ListImport.objects.filter(pk=self.row.pk).delete()


def _wanted(change: Change, fields: Sequence[str]) -> Values:
    return {field: getattr(change, field) for field in fields}
