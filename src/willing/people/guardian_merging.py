"""The writers of two records of one guardian that become one: their links, their contact, their id."""

from collections.abc import Sequence
from uuid import UUID

from willing.audit.actions import record
from willing.core.transactions import atomic, lock
from willing.people import errors
from willing.people.guardians import NewLink, link_guardians, unlink_guardians
from willing.people.models import Guardian, GuardianLink, School


@atomic
def lock_both_guardians(school: School, gone_id: UUID, kept_id: UUID) -> tuple[Guardian, Guardian]:
    """Return two records of guardians, locked. Raises Refused unknown_guardian, merged_already."""
    rows = lock(Guardian.objects).filter(school=school, pk__in=[gone_id, kept_id]).exclude(name="")
    held = {one.id: one for one in rows.order_by("id")}
    if len(held) < 2:
        raise errors.unknown_guardian()
    gone, kept = held[gone_id], held[kept_id]
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise errors.merged_already()
    return gone, kept


@atomic
def move_guardian_links(gone: Guardian, kept: Guardian, *, by: int) -> list[UUID]:
    """Let one record decide for whom the other may decide now. Return the ids of those persons.

    A link that a file has removed less than a day ago stays as it is: their no counts until that night.
    """
    links = list(lock(GuardianLink.objects).filter(guardian=gone, ended_at=None).order_by("id"))
    for from_roster in (False, True):
        new = [
            NewLink(kept.id, one.person_id, one.relationship)
            for one in links
            if one.from_roster is from_roster
        ]
        link_guardians(new, from_roster=from_roster, by=by)
    for one in links:
        if one.relationship:
            GuardianLink.objects.filter(guardian=kept, person=one.person_id, relationship="").update(
                relationship=one.relationship
            )
    unlink_guardians([one.pk for one in links], by=by)
    return [one.person_id for one in links]


@atomic
def mark_guardian_merged(gone: Guardian, kept: Guardian, *, by: int) -> None:
    """Record that one guardian's record goes on as another, and forget how the first one was reached.

    Call it when the kept one has the address that it is to have: consent links that went to another one are
    not valid any more, those that went to the same open the kept record. The register's id goes along where
    the kept one has none; else it stays, so that an import knows whom it means.
    """
    if gone.email.casefold() != kept.email.casefold():
        gone.link_version += 1
    moved = gone.external_id if not kept.external_id else ""
    if moved:
        gone.external_id = ""
    gone.email = gone.phone = ""
    gone.merged_into = kept
    gone.save(update_fields=["email", "phone", "link_version", "external_id", "merged_into"])
    if moved:
        kept.external_id = moved
        kept.save(update_fields=["external_id"])
    Guardian.objects.filter(merged_into=gone).update(merged_into=kept)
    facts = {"merged": str(gone.id), "by": by}
    record("guardian.merged", subject=kept.id, facts=facts, personal={"name": gone.name})


def merged_guardian_ids(school: School) -> Sequence[tuple[str, str]]:
    """Return the register's ids of guardians who go on as another record, each with that one's id."""
    rows = Guardian.objects.filter(school=school, merged_into__isnull=False).exclude(external_id="")
    return list(rows.order_by("external_id").values_list("external_id", "merged_into__external_id"))
