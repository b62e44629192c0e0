"""The writers that put back what a list of the school changed, in the day in which an import may be undone.

What may be put back is decided before, by the room that knows what the list did.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Model

from willing.audit.actions import NewEntry, erase_personal, record_many
from willing.core.transactions import atomic, lock
from willing.people.models import Guardian, GuardianLink, Person, School
from willing.people.persons import classes_named


@atomic
def put_back_persons(school: School, values: Mapping[UUID, Mapping[str, str]], *, by: int | None) -> None:
    """Give persons earlier values: names, kind, year (a class), birth_date, left_at; "" for none."""
    classes = classes_named(school, {one.get("year", "") for one in values.values()})
    held = lock(Person.objects).filter(school=school).in_bulk(list(values))
    entries = []
    for person_id, earlier in values.items():
        person = held[person_id]
        for field, value in earlier.items():
            if field == "year":
                person.year_group = classes.get(value)
            elif field == "birth_date":
                person.birth_date = date.fromisoformat(value) if value else None
            elif field == "left_at":
                person.left_at = datetime.fromisoformat(value) if value else None
            else:
                setattr(person, field, value)
        entries += _entries(person, earlier, by)
    columns = ["given_name", "family_name", "kind", "year_group", "left_at", "birth_date"]
    Person.objects.bulk_update(held.values(), columns, batch_size=200)
    record_many(entries)


def _entries(person: Person, earlier: Mapping[str, str], by: int | None) -> list[NewEntry]:
    name, found = {"name": person.full_name}, []
    fields = sorted(field for field in earlier if field != "left_at")
    if "left_at" in earlier:
        event = "person.left" if earlier["left_at"] else "person.returned"
        found.append(NewEntry(event, person.id, {"by": by}, name))
    if fields:
        found.append(NewEntry("person.changed", person.id, {"fields": fields, "by": by}, name))
    return found


@atomic
def put_back_guardians(values: Mapping[UUID, Mapping[str, str]], *, by: int | None) -> None:
    """Give guardians earlier values: name, email, phone, language.

    Another address makes earlier consent links invalid: the mailbox they went to may be someone else's.
    """
    held = lock(Guardian.objects).in_bulk(list(values))
    entries = []
    for guardian_id, earlier in values.items():
        guardian = held[guardian_id]
        for field, value in earlier.items():
            setattr(guardian, field, value)
        if "email" in earlier:
            guardian.link_version += 1
        facts = {"fields": sorted(earlier), "by": by}
        entries.append(NewEntry("guardian.changed", guardian_id, facts, {"name": guardian.name}))
    columns = ["name", "email", "phone", "language", "link_version"]
    Guardian.objects.bulk_update(held.values(), columns, batch_size=200)
    record_many(entries)


@atomic
def relink_guardians(link_ids: Sequence[int], *, by: int | None) -> None:
    """Let guardians decide again whom a list had removed; whatever they said before counts again."""
    rows = lock(GuardianLink.objects).filter(pk__in=link_ids).exclude(ended_at=None)
    back = list(rows.select_related("guardian"))
    GuardianLink.objects.filter(pk__in=[one.pk for one in back]).update(ended_at=None, ended_by_list=False)
    record_many(
        [
            NewEntry(
                "guardian.linked",
                one.person_id,
                {"guardian": str(one.guardian_id), "by": by},
                {"name": one.guardian.name},
            )
            for one in back
        ]
    )


def in_use(
    model: type[Person | Guardian], ids: Sequence[UUID], *, besides: Iterable[type[Model]]
) -> set[UUID]:
    """Return those of these persons or guardians whom a row of any room refers to, some tables left out."""
    left_out = {GuardianLink, *besides}
    found: set[UUID] = set()
    for relation in model._meta.get_fields(include_hidden=True):  # noqa: SLF001  # Django's own way to ask
        if not (relation.one_to_many or relation.one_to_one) or not relation.auto_created:
            continue
        table, column = relation.related_model, relation.field.name  # type: ignore[union-attr]
        if table not in left_out:
            rows = table._base_manager.filter(  # type: ignore[union-attr]  # noqa: SLF001
                **{f"{column}__in": ids}
            )
            found.update(rows.values_list(column, flat=True))
    return found


@atomic
def delete_persons(ids: Sequence[UUID], *, by: int | None) -> None:
    """Delete persons whom nothing refers to but who their guardians are, and what the log calls them.

    Raises ProtectedError where anything else does.
    """
    GuardianLink.objects.filter(person_id__in=ids).delete()
    Person.objects.filter(pk__in=ids).delete()
    _forget("person.deleted", ids, by)


@atomic
def delete_guardians(ids: Sequence[UUID], *, by: int | None) -> None:
    """Delete guardians to whom nothing refers but whose guardians they were. Raises ProtectedError."""
    GuardianLink.objects.filter(guardian_id__in=ids).delete()
    Guardian.objects.filter(pk__in=ids).delete()
    _forget("guardian.deleted", ids, by)


def _forget(event: str, ids: Sequence[UUID], by: int | None) -> None:
    record_many([NewEntry(event, one, {"by": by}, {}) for one in ids])
    for one in ids:
        erase_personal(one)
