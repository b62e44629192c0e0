"""What a school decides about its faces as a whole, and what it files; each with a name and a reason."""

from django.db.models import F

from willing.accounts.models import User
from willing.audit.actions import record
from willing.biometrics.engine import may_load
from willing.biometrics.errors import central_not_allowed, pictures_count_first, search_not_allowed
from willing.biometrics.gallery import live_gallery
from willing.biometrics.lookalikes import Pair, find_pairs, record_lookalikes
from willing.biometrics.models import FacePolicy, GalleryState, PictureCheck, Template
from willing.biometrics.queries import mode_of
from willing.biometrics.rules import REASON_LENGTH_MAX
from willing.consent.profiles import require_profile
from willing.core.clock import now
from willing.core.transactions import atomic, lock
from willing.dpia.errors import reason_missing
from willing.dpia.queries import require_dpo
from willing.people.models import School


@atomic
def decide_mode(school: School, mode: str, *, reason: str, by: User) -> FacePolicy:
    """Record how faces are used from now on: identify (1:N) or verify (1:1). It holds at once everywhere.

    Only the data protection officer records it, with the reason. Before a search among all begins, those who
    cannot be told apart are taken out of it. Recording what holds already changes nothing.
    Raises Refused not_the_dpo, reason_missing, search_not_allowed.
    """
    require_dpo(by, school)
    text = _require_text(reason)
    locked = lock(School.objects).get(pk=school.pk)
    if mode == Template.Mode.IDENTIFY and not require_profile(locked.legal_profile).may_search:
        raise search_not_allowed()
    if mode_of(school) == mode:
        return FacePolicy.objects.get_or_create(school=school)[0]
    if mode == Template.Mode.IDENTIFY:
        separate_lookalikes(school)
    rules, _ = FacePolicy.objects.update_or_create(
        school=school,
        defaults={
            "mode": Template.Mode(mode).value,
            "mode_reason": text,
            "mode_by": by,
            "mode_at": now(),
        },
    )
    GalleryState.objects.filter(school=school).update(generation=F("generation") + 1)
    record(
        "face.mode_decided", subject=school.id, facts={"mode": mode, "by": by.pk}, personal={"reason": text}
    )
    return rules


@atomic
def decide_kinds(school: School, kinds: str, *, by: User) -> FacePolicy:
    """Record which kinds of face are enrolled from now on (FacePolicy.Kinds). Those enrolled stay as is.

    Only the data protection officer records it. Raises Refused not_the_dpo, central_not_allowed.
    """
    require_dpo(by, school)
    wanted = FacePolicy.Kinds(kinds)
    locked = lock(School.objects).get(pk=school.pk)
    if wanted != FacePolicy.Kinds.CARD and not require_profile(locked.legal_profile).may_store_centrally:
        raise central_not_allowed()
    rules, _ = FacePolicy.objects.update_or_create(
        school=school, defaults={"kinds": wanted.value, "kinds_by": by, "kinds_at": now()}
    )
    record("face.kinds_decided", subject=school.id, facts={"kinds": wanted.value, "by": by.pk}, personal={})
    return rules


def separate_lookalikes(school: School) -> None:
    """Take everyone out of the coming search whom the engine could confuse with another person."""
    if not may_load(school):
        return
    for purpose in GalleryState.objects.filter(school=school).values_list("purpose", flat=True):
        pairs: list[Pair] = find_pairs(live_gallery(school, purpose))
        record_lookalikes(pairs)
        apart = {template_id for pair in pairs for template_id in (pair.one, pair.other)}
        rows = Template.objects.filter(pk__in=apart, mode=Template.Mode.IDENTIFY)
        persons = sorted(rows.values_list("person_id", flat=True))
        rows.update(mode=Template.Mode.VERIFY)
        for person_id in persons:
            record("face.lookalike_found", subject=person_id, facts={"purpose": purpose}, personal={})


@atomic
def decide_pictures(school: School, check: str, *, reason: str, by: User) -> FacePolicy:
    """Record whether pictures held up to a camera are detected: off, shadow or acting. It holds at once.

    Only the data protection officer records it, with the reason. Before it acts the school lets it count for
    a while (shadow). Recording what holds already changes nothing.
    Raises Refused not_the_dpo, reason_missing, pictures_count_first.
    """
    require_dpo(by, school)
    text = _require_text(reason)
    rules, _ = FacePolicy.objects.get_or_create(school=lock(School.objects).get(pk=school.pk))
    if (rules.pictures or PictureCheck.OFF) == check:
        return rules
    if check == PictureCheck.ACTING and rules.pictures != PictureCheck.SHADOW:
        raise pictures_count_first()
    rules.pictures = PictureCheck(check).value
    rules.pictures_reason, rules.pictures_by, rules.pictures_at = text, by, now()
    rules.save(update_fields=["pictures", "pictures_reason", "pictures_by", "pictures_at"])
    facts = {"pictures": rules.pictures, "by": by.pk}
    record("face.pictures_decided", subject=school.id, facts=facts, personal={"reason": text})
    return rules


@atomic
def record_filing(school: School, reference: str, *, by: User) -> FacePolicy:
    """Record that the school has filed how many people's faces it stores, with the authority's reference.

    Raises Refused not_the_dpo, reason_missing where the reference is empty.
    """
    require_dpo(by, school)
    text = _require_text(reference)[:100]
    rules, _ = FacePolicy.objects.update_or_create(
        school=school, defaults={"filing_reference": text, "filed_by": by, "filed_at": now()}
    )
    record("face.filing_recorded", subject=school.id, facts={"reference": text, "by": by.pk}, personal={})
    return rules


def _require_text(text: str) -> str:
    kept = text.strip()[:REASON_LENGTH_MAX]
    if not kept:
        raise reason_missing()
    return kept
