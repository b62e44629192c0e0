"""What the staff pages say in plain words: reasons, hints at the desk, events of the log."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By the reasons of consent.rules.REASONS.
REASONS: Mapping[str, Promise] = {
    "left_school": _("This person has left the school."),
    "own_no": _("The person said no. That counts, whatever adults say."),
    "guardian_no": _("A guardian said no."),
    "own_yes_missing": _("The person has not said yes yet."),
    "guardian_yes_missing": _("No guardian has said yes yet."),
    "guardian_not_notified": _("A guardian has not been told yet."),
    "no_guardian_listed": _("No guardian is listed."),
    "notice_changed": _("The text has changed since they said yes, so they are asked again."),
    "profile_forbids": _("The law at this school does not allow faces."),
}

# By the engine's word for what to change (its hints), and for a picture that it cannot read.
HINTS: Mapping[str, Promise] = {
    "ok": _("Good picture"),
    "no_face": _("No face in the picture"),
    "several_faces": _("More than one face: one person only, please"),
    "closer": _("A little closer"),
    "further": _("A little further away"),
    "centre": _("Move to the middle"),
    "brighter": _("More light, please"),
    "darker": _("Too bright: less light, please"),
    "hold_still": _("Blurred: hold still for a moment"),
    "look_straight": _("Look straight ahead"),
    "uncover": _("Show the whole face, without a mask or hair over it"),
    "same_picture": _("The same picture again: another one, please"),
    "not_readable": _("This file can't be read as a picture"),
}

# By the reasons of biometrics.ageing.ComeAgain.
COME_AGAIN: Mapping[str, Promise] = {
    "model": _("The face engine is a newer one; the old pictures tell it nothing."),
    "age": _("More than a school year has passed."),
    "drift": _("The face has changed; the camera is less and less sure."),
}

# By the reasons of assessment.rules.REASONS.
LOCK_REASONS: Mapping[str, Promise] = {
    "locked_by_hand": _("The data protection officer has locked them."),
    "families_not_asked": _("It is not on record that families were asked."),
    "not_signed": _("The impact assessment is not signed."),
    "review_due": _("The impact assessment is due for review."),
}

EVENTS: Mapping[str, Promise] = {
    "assessment.face_locked": _("Faces were locked at the school"),
    "assessment.face_unlocked": _("Faces were unlocked at the school"),
    "assessment.families_asked": _("That families were asked was recorded"),
    "assessment.hand_lock_ended": _("The lock by hand was taken away"),
    "assessment.incident_noted": _("An incident was recorded"),
    "assessment.locked_by_hand": _("Faces were locked by hand"),
    "assessment.risk_closed": _("A risk was closed"),
    "assessment.risk_noted": _("A risk was written down or changed"),
    "assessment.signed": _("The impact assessment was signed"),
    "card.issued": _("A card was issued"),
    "card.revoked": _("Cards were ended"),
    "consent.decided": _("Somebody decided about a face"),
    "consent.excuse_ended": _("A guardian is to be told after all"),
    "consent.guardian_excused": _("A guardian need not be told, with a reason"),
    "consent.link_made": _("A consent link was printed"),
    "consent.notice_published": _("A notice was published"),
    "consent.notified": _("A guardian was told"),
    "data.ended": _("Data whose time was over was ended"),
    "data.swept": _("The nightly sweep finished"),
    "consent.undone": _("A no entered by mistake was taken back"),
    "face.enrolled": _("A face was enrolled"),
    "face.erased": _("A face was erased"),
    "face.filed": _("A filing of the stored faces was recorded"),
    "face.lookalike": _("Somebody looks too much like another: card and face only"),
    "face.mode_decided": _("How faces are used was decided"),
    "face.reissued": _("Templates got a new secret"),
    "face.resumed": _("A face is used again after a pause"),
    "face.session_closed": _("The camera was closed"),
    "face.session_opened": _("The camera was opened"),
    "face.suspended": _("A face is not used for a while"),
    "face.swept": _("Faces were swept"),
    "guardian.changed": _("A guardian's details changed"),
    "guardian.forgotten": _("A guardian's name was erased"),
    "guardian.linked": _("A guardian was listed"),
    "guardian.links_renewed": _("A guardian's links were renewed"),
    "guardian.unlinked": _("A guardian is no longer listed"),
    "allowance.set": _("A meal allowance was set"),
    "allowance.ended": _("A meal allowance was ended"),
    "limits.set": _("Somebody's spending limits were set"),
    "limits.set_for_school": _("The limit for a face alone was set"),
    "invitation.made": _("A guardian's sign-in code was printed"),
    "invitation.revoked": _("A guardian's sign-in code was ended"),
    "invitation.used": _("A guardian made their sign-in"),
    "money.paid_in": _("Money was paid in"),
    "paper.erased": _("A signed form was erased"),
    "paper.kept": _("A signed form was kept"),
    "paper.viewed": _("Staff looked at a signed form"),
    "person.added": _("A person was added"),
    "person.changed": _("A person's details changed"),
    "person.forgotten": _("A person's name was erased"),
    "person.left": _("A person left"),
    "person.sign_in_decided": _("Whether a pupil may sign in was decided"),
    "person.returned": _("A person came back"),
    "pin.locked": _("A PIN was locked"),
    "pin.set": _("A PIN was set"),
    "record.downloaded": _("Everything held about a person was downloaded"),
    "record.viewed": _("Staff looked at a record"),
    "roster.imported": _("A roster was imported"),
    "sale.held": _("A payment began"),
    "sale.refunded": _("A payment was given back"),
    "sale.settled": _("A payment was made"),
    "school.created": _("The school was set up"),
    "school.pupil_age_set": _("From which age on pupils sign in was set"),
    "school.named": _("The school's name changed"),
    "terminal.added": _("A till was set up"),
    "terminal.paired": _("A till was paired"),
    "terminal.pairing_started": _("A pairing code was made"),
    "terminal.unpaired": _("A till was unpaired"),
    "till.looked_up": _("Staff looked somebody up at a till"),
    "till.not_me": _("Somebody pressed “Not me”"),
    "user.added": _("A user was added"),
    "user.factor_added": _("A second factor was added"),
    "user.factor_removed": _("A second factor was removed"),
    "user.factor_reset": _("New recovery codes were made"),
    "user.factors_forgotten": _("Somebody's second factors were taken away"),
    "user.password_changed": _("Somebody changed their password"),
    "user.sign_in_failed": _("A sign-in failed"),
    "user.signed_in": _("Somebody signed in"),
    "user.signed_out": _("Somebody signed out"),
    "user.subject_linked": _("Somebody was linked to the school's own sign-in"),
    "user.signed_out_everywhere": _("Somebody signed out everywhere"),
}

# By the code of an audit.verifier.Fault.
FAULTS: Mapping[str, Promise] = {
    "changed": _("was changed"),
    "missing": _("is missing"),
    "reordered": _("stands in the wrong place"),
    "personal_changed": _("had its text changed"),
    "cut_off": _("is where the log was cut off or added to"),
    "unknown_version": _("has a form that this version does not know"),
    "tree_changed": _("is whole, but the tree over it was changed"),
    "checkpoint_changed": _("has a checkpoint that is not what was signed"),
    "checkpoint_unknown_key": _("has a checkpoint signed by a key that is not trusted"),
    "checkpoint_contradicted": _("is not what a checkpoint was signed for"),
}
