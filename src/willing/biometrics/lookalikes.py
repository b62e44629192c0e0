"""Who looks too much like whom: found at enrolment, and over a whole school before it searches (1:N)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet

from willing.biometrics.gallery import LiveGallery, open_template
from willing.biometrics.models import LookalikePair, Template
from willing.biometrics.queries import mode_of
from willing.keys.errors import KeyGone
from willing.people.models import Person, School

if TYPE_CHECKING:
    from willing.face import Gallery, Rotation
    from willing.face import Template as FaceTemplate


@dataclass(frozen=True)
class Lookalike:
    """A template whose owner the engine cannot tell from a newcomer; likeness: lookalike or duplicate."""

    template_id: UUID
    likeness: str


@dataclass(frozen=True)
class Pair:
    """Two templates whose owners the engine cannot tell apart."""

    one: UUID
    other: UUID
    likeness: str


def find_lookalikes(live: LiveGallery, rotated: "Sequence[FaceTemplate]", person: Person) -> list[Lookalike]:
    """Return whom the engine cannot tell from a newcomer, among everyone enrolled for the purpose.

    Nobody where the school only verifies (1:1): nobody is searched there, not even once.
    """
    from willing.face import Policy, find_lookalikes

    if mode_of(person.school) != Template.Mode.IDENTIFY:
        return []
    policy, name = Policy(), str(person.id)
    alike = find_lookalikes(live.gallery, rotated, person=name, policy=policy)
    # Those who left the search earlier: one of them could still be taken for the newcomer.
    apart = _gallery(_comparable(live).exclude(pk__in=live.held), live.rotation)
    if len(apart):
        # Their share of the rate that holds for everyone: few people must not mean a low threshold.
        share = policy.fpir * len(apart) / (len(apart) + len(live.gallery))
        alike += find_lookalikes(apart, rotated, person=name, policy=Policy(fpir=share))
    likeness = {UUID(one.other): one.likeness.value for one in alike}
    held = Template.objects.filter(person_id__in=likeness, purpose=live.purpose)
    return [Lookalike(pk, likeness[person_id]) for pk, person_id in held.values_list("id", "person_id")]


def find_pairs(live: LiveGallery) -> list[Pair]:
    """Return every two who cannot be told apart, among everyone enrolled for the purpose."""
    from willing.face import find_lookalike_pairs

    rows = _comparable(live)
    ids = {str(person_id): pk for pk, person_id in rows.values_list("id", "person_id")}
    pairs = find_lookalike_pairs(_gallery(rows, live.rotation))
    return [Pair(ids[one.person], ids[one.other], one.likeness.value) for one in pairs]


def record_lookalikes(pairs: Sequence[Pair]) -> None:
    """Keep who looks like whom, for the office; a pair that is known stays as it is."""
    LookalikePair.objects.bulk_create(
        (
            LookalikePair(
                one_id=min(pair.one, pair.other),
                other_id=max(pair.one, pair.other),
                likeness=pair.likeness,
            )
            for pair in pairs
        ),
        ignore_conflicts=True,
    )


def lookalike_pairs(school: School) -> QuerySet[LookalikePair]:
    """Return who looks like whom at a school, doubles first; both persons at hand."""
    rows = LookalikePair.objects.filter(one__person__school=school)
    return rows.select_related("one__person__year_group", "other__person__year_group").order_by(
        "likeness", "found_at"
    )


def _comparable(live: LiveGallery) -> QuerySet[Template]:
    return Template.objects.filter(
        person__school_id=live.school_id,
        purpose=live.purpose,
        model_id=live.model_id,
        holder=Template.Holder.CENTRAL,
    ).select_related("person")


def _gallery(rows: "QuerySet[Template]", rotation: "Rotation") -> "Gallery":
    from willing.face import Gallery

    gallery = Gallery()
    for row in rows:
        try:
            gallery.add(str(row.person_id), open_template(row, rotation))
        except KeyGone:
            continue  # erased; the retention job removes what is left of it
    return gallery
