"""Reads about faces: who has a template, what a session's outcome was. Never a template itself."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from willing.audit.clock_state import believed
from willing.biometrics.models import FacePolicy, FaceSession, LookalikePair, PictureCheck, Template
from willing.biometrics.rules import Filing, decide_filing, is_refresh_due, kinds_enrolled
from willing.consent.models import Decision, Purpose
from willing.consent.profiles import require_profile
from willing.consent.queries import permission_as_read, replaced_notices
from willing.consent.wording import REFRESHED_BY_PRESS
from willing.core.clock import now
from willing.core.collation import by_language
from willing.core.prepared import Parameter, prepared
from willing.dpia.queries import class_blown, lock_of
from willing.keys.actions import key_exists
from willing.keys.errors import KeysUnavailable
from willing.people.models import Person, School
from willing.terminals.models import Device, Terminal
from willing.terminals.queries import terminal_names


def has_face(person: Person, purpose: str | None = None) -> bool:
    """Say whether a person has a template (for `purpose`, or for any)."""
    if purpose is None:
        return _any_template.first(person=person.pk) is not None
    return Template.objects.filter(person=person, purpose=purpose).exists()


@prepared
def _any_template(person: Parameter) -> QuerySet[Template, UUID]:
    return Template.objects.filter(person=person).values_list("pk", flat=True)[:1]


def mode_of(school: School) -> str:
    """Return how faces are used at a school: identify (1:N) or verify (1:1).

    Only what the school has recorded lets it search, where its legal profile allows that at all; every school
    starts one to one.
    """
    return _mode(school, FacePolicy.objects.filter(school=school).first())


def mode_as_read(school: School) -> str:
    """Return the same of a school that was read with its `face_rules`."""
    return _mode(school, getattr(school, "face_rules", None))


def _mode(school: School, policy: FacePolicy | None) -> str:
    is_decided = policy is not None and policy.mode == Template.Mode.IDENTIFY
    may_search = is_decided and require_profile(school.legal_profile).may_search
    return (Template.Mode.IDENTIFY if may_search else Template.Mode.VERIFY).value


def kinds_of(school: School) -> frozenset[str]:
    """Return which kinds of template a school enrols, of Template.Holder."""
    policy = FacePolicy.objects.filter(school=school).only("kinds").first()
    profile = require_profile(school.legal_profile)
    decided = policy.kinds if policy else ""
    return kinds_enrolled(decided, may_store_centrally=profile.may_store_centrally)


def is_taken(template: Template, terminal: Terminal) -> bool:
    """Say whether a terminal takes a template of this kind, under its school's law.

    One of a card is opened by what its owner's card says, which only the till's own page seals.
    """
    if template.holder == Template.Holder.CARD:
        return terminal.takes_card_held and terminal.device == Device.KIOSK
    return terminal.takes_central and require_profile(terminal.school.legal_profile).may_store_centrally


def pictures_as_read(school: School) -> str:
    """Return whether a school detects pictures (PictureCheck), of one that was read with its `face_rules`."""
    policy: FacePolicy | None = getattr(school, "face_rules", None)
    return (policy.pictures if policy else "") or PictureCheck.OFF.value


def usable_template(person: Person, purpose: str) -> Template | None:
    """Return the template that a card or PIN with a face may be compared with (1:1), or None."""
    return _usable.first(person=person.pk, purpose=purpose)


def usable_at(terminal: Terminal, person: Person, card_id: UUID | None) -> Template | None:
    """Return the template that may be compared with (1:1) at a terminal, after a card or a PIN, or None.

    card_id: the card that was read, None after a PIN. A card opens the template that was sealed with it only.
    """
    template = usable_template(person, terminal.purpose)
    if template is None or not is_taken(template, terminal):
        return None
    is_opened = template.holder == Template.Holder.CENTRAL or template.card_id == card_id
    return template if is_opened else None


@prepared
def _usable(person: Parameter, purpose: Parameter) -> QuerySet[Template]:
    rows = Template.objects.filter(person=person).exclude(class_blown("person"))
    return comparable(rows.defer("sealed"), purpose)


def is_due_for_refresh(template: Template) -> bool:
    """Say whether it is long enough ago that a template got its references, or its last later one."""
    return is_refresh_due(now() - believed(template.refreshed_at or template.enrolled_at))


def may_refresh(template: Template) -> bool:
    """Say whether one press after a match may refresh a template.

    Only where everyone whose yes it depends on had a notice that says so; and not where somebody looks alike.
    """
    if not is_due_for_refresh(template):
        return False
    decisions = [one for one in (template.own_decision_id, template.guardian_decision_id) if one]
    told = Decision.objects.filter(pk__in=decisions, **{f"notice__terms__{REFRESHED_BY_PRESS}": True})
    alike = LookalikePair.objects.filter(Q(one=template) | Q(other=template))
    return told.count() == len(decisions) and not alike.exists()


def comparable(rows: QuerySet[Template], purpose: str | Parameter) -> QuerySet[Template]:
    """Return the templates for `purpose` that may be compared at all.

    Left out are those suspended, by hand or because they depend on a yes to a notice that has changed since,
    and those that were restored and are not confirmed yet.
    """
    old = replaced_notices(purpose)
    rows = rows.filter(purpose=purpose, suspended_at=None, unconfirmed_since=None)
    return rows.exclude(own_decision__notice__in=old).exclude(guardian_decision__notice__in=old)


def unconfirmed_templates(school: School) -> QuerySet[Template]:
    """Return the templates of a school that wait to be confirmed after a restore, without sealed bytes."""
    rows = Template.objects.filter(person__school=school).exclude(unconfirmed_since=None).defer("sealed")
    return rows.select_related("person").order_by(
        *by_language("person__family_name", "person__given_name"), "purpose"
    )


def people_enrolled(school: School) -> int:
    """Return how many people have a template for any purpose."""
    return Template.objects.filter(person__school=school).values("person_id").distinct().count()


def filing_of(school: School) -> Filing:
    """Return how far a school has met the duty to file how many people's faces it stores."""
    profile = require_profile(school.legal_profile)
    if profile.people_stop is None:
        return Filing.NOT_ASKED
    is_filed = FacePolicy.objects.filter(school=school).exclude(filing_reference="").exists()
    return decide_filing(people_enrolled(school), profile.people_warn, profile.people_stop, is_filed=is_filed)


def find_face_policy(school: School) -> FacePolicy | None:
    """Return what a school has decided and filed about faces, or None where nothing is recorded."""
    return (
        FacePolicy.objects.select_related("mode_by", "filed_by", "pictures_by").filter(school=school).first()
    )


def templates_of(person: Person) -> QuerySet[Template]:
    """Return a person's template rows, without the sealed bytes."""
    return Template.objects.filter(person=person).defer("sealed").order_by("purpose")


def uses_of_face(person: Person) -> QuerySet[FaceSession]:
    """Return the sessions that recognised a person, newest first."""
    return FaceSession.objects.filter(person=person).order_by("-opened_at")


def places_of(sessions: Iterable[FaceSession]) -> dict[UUID, str]:
    """Return where each of these sessions was, by its id, as families may read it: of a gate never which."""
    known = list(sessions)
    names = terminal_names(one.terminal_id for one in known)
    gate = str(Purpose.GATE.label)
    return {one.id: gate if one.is_by_day else names.get(one.terminal_id, "") for one in known}


def find_session(session_id: UUID, *, terminal_id: UUID) -> FaceSession | None:
    """Return a session of this terminal, or None: another terminal's session does not exist for it."""
    return _session.first(session=session_id, terminal=terminal_id)


@prepared
def _session(session: Parameter, terminal: Parameter) -> QuerySet[FaceSession]:
    return FaceSession.objects.select_related("school__face_rules").filter(pk=session, terminal_id=terminal)


def find_permitted(person_id: UUID, session: FaceSession) -> Template | None:
    """Return the template of whom a session matched, or None where it must not answer (any more).

    Between the frame and this moment its key may have gone, or a fuse of their class: the database decides.
    """
    template = _not_suspended.first(person=person_id, school=session.school_id, purpose=session.purpose)
    if template is None or not _answers(session, template):
        return None
    if not _has_key(template) or not lock_of(session.school).is_unlocked:
        return None
    return template if permission_as_read(template.person, session.purpose).granted else None


@prepared
def _not_suspended(person: Parameter, school: Parameter, purpose: Parameter) -> QuerySet[Template]:
    rows = Template.objects.filter(person_id=person, person__school_id=school, purpose=purpose)
    rows = rows.filter(suspended_at=None).exclude(class_blown("person"))
    return rows.select_related("person__school")


def _answers(session: FaceSession, template: Template) -> bool:
    """Say whether a template may answer: to 1:1 the claimed person's; to 1:N where the school does that."""
    if session.mode == Template.Mode.VERIFY:
        return template.person_id == session.claimed_id
    return mode_as_read(session.school) == Template.Mode.IDENTIFY == template.mode


def _has_key(template: Template) -> bool:
    try:
        return key_exists(template.key_id)
    except KeysUnavailable:
        return False
