"""Which parts of what is held about a person have anything in them: one statement instead of one for each.

Most people have nothing in most of them, and to ask each table for nothing took a third of the page's time.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from willing.allergens.models import AllergenEvent, PersonAllergen
from willing.attendance.message_models import AbsenceMessage
from willing.attendance.models import FamilyNote, GroupMember, GroupTeacher, RollReturn, SetCodeFor
from willing.biometrics.models import FaceSession, OwnScores, Template
from willing.boarding.models import Boarder, EveningMark
from willing.complaints.models import Complaint
from willing.consent.models import Decision, Excuse, Notification
from willing.consent_forms.models import ConsentForm
from willing.core.prepared import Parameter, prepared
from willing.entitlements.models import Entitlement
from willing.gate.message_models import MessageChoice
from willing.gate.models import Passage
from willing.leave.models import Leave, TripPupil
from willing.mail.models import Mail
from willing.payments.models import PaymentReference, PayOut, StatementLine
from willing.people.models import Person
from willing.rollcall.models import Listed, MedicalWords
from willing.roster.models import ListedChange
from willing.till.models import Basket
from willing.visits.models import StaffDay
from willing.wallets.models import LowBalance

_SELF = OuterRef("pk")
# By part of the answer, the rows that fill it; tests fill each and ask for it.
ROWS: Mapping[str, tuple[QuerySet[Any], ...]] = {
    part: tuple(model._default_manager.filter(person=_SELF) for model in models)  # noqa: SLF001
    for part, models in {
        "list_changes": (ListedChange,),
        "mails": (Mail,),
        "told": (Notification,),
        "excuses": (Excuse,),
        "decisions": (Decision,),
        "signed_forms": (ConsentForm,),
        "faces": (Template,),
        "entitlements": (Entitlement,),
        "allergens": (PersonAllergen,),
        "allergen_events": (AllergenEvent,),
        "absence_messages": (AbsenceMessage,),
        "register_notes": (FamilyNote,),
        "roll_returns": (RollReturn,),
        "set_codes": (SetCodeFor,),
        "planned_absences": (Leave, TripPupil),
        "boarding": (Boarder,),
        "evening_marks": (EveningMark,),
        "in_today": (StaffDay,),
        "roll_calls": (Listed,),
        "medical_words": (MedicalWords,),
        "gate_days": (Passage,),
        "gate_messages": (MessageChoice,),
        "paid_by_bank": (PaymentReference, StatementLine),
        "paid_out": (PayOut,),
        "low_balances": (LowBalance,),
        "baskets": (Basket,),
        "complaints": (Complaint,),
    }.items()
} | {
    "recognition": (OwnScores.objects.filter(template__person=_SELF),),
    "uses_of_face": (FaceSession.objects.filter(Q(person=_SELF) | Q(claimed=_SELF)),),
    "register_groups": (
        GroupMember.objects.filter(person=_SELF),
        GroupTeacher.objects.filter(user__person=_SELF),
    ),
}


@prepared
def _filled(person: Parameter) -> QuerySet[Person, Any]:
    columns = {
        f"{part}_{place}": Exists(rows)
        for part, several in ROWS.items()
        for place, rows in enumerate(several)
    }
    return Person.objects.filter(pk=person).values(**columns)


def filled_parts(person: Person) -> frozenset[str]:
    """Return which of the parts in ROWS have anything in them, whoever may read it."""
    (found,) = _filled.all(person=person.pk)
    return frozenset(name.rpartition("_")[0] for name, there in found.items() if there)
