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
    "guardian_not_notified": _("A guardian has not been notified yet."),
    "no_guardian_listed": _("No guardian is listed."),
    "notice_changed": _("The text has changed since they said yes, so they are asked again."),
    "profile_forbids": _("The law at this school does not allow faces."),
}

# By the filters of credentials.people_list.Trait, as the list of people names them.
TRAIT_LABELS: Mapping[str, Promise] = {
    "no-card": _("Without a card"),
    "lost-card": _("Lost their card"),
    "no-pin": _("Without a PIN"),
    "asks-pin": _("Asks for a new PIN"),
    "no-guardian": _("Without a guardian"),
    "ready": _("Face: ready to enrol"),
    "waits-pupil": _("Face: the pupil's answer missing"),
    "waits-guardian": _("Face: a guardian's answer missing"),
    "arrears": _("Balance below zero"),
    "allergy": _("Food allergies"),
}

# By credentials.print_rules.Layout: paper for cards, by its size, with a number of it that shops know.
LAYOUT_LABELS: Mapping[str, Promise] = {
    "cards-85x54": _("A4, ten cards of 85 × 54 mm, marks to cut"),
    "labels-99x68": _("Labels of 99.1 × 67.7 mm, eight a sheet (such as Avery L7165)"),
    "us-cards-85x54": _("US Letter, eight cards of 85 × 54 mm, marks to cut"),
    "us-labels-102x85": _("US Letter, labels of 4 × 3⅓ inches, six a sheet (such as Avery 5164)"),
}

# By the roles of accounts.models.Role: what each opens.
ROLE_HINTS: Mapping[str, Promise] = {
    "cashier": _("Sells at the till, sees the day's sales"),
    "office": _("People, cards, money, permissions, enrolment"),
    "canteen": _("Menu, prices, allergens, the day's sales, refunds"),
    "teacher": _("Takes registers, agrees to leave, plans trips"),
    "dpo": _("The impact assessment, the log, locking and unlocking faces"),
    "administrator": _("Staff and their roles, the school's settings, tills, the log"),
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
    "too_large": _("This picture has too many pixels: 26 megapixels at the most. Please send a smaller copy"),
    "phone_format": _(
        "This is HEIC or AVIF, which can't be read here. Save it as JPEG; an iPhone does so with Settings, "
        "Camera, Formats, Most Compatible"
    ),
}

# By the reasons of biometrics.ageing.ComeAgain.
COME_AGAIN: Mapping[str, Promise] = {
    "model": _("The face engine is a newer one; the old pictures tell it nothing."),
    "age": _("More than a school year has passed."),
    "drift": _("The face has changed; the camera is less and less sure."),
    "card": _("Only the pupil's card may open a face here. Seal it with the card at the desk."),
}

# By the reasons of assessment.rules.REASONS.
LOCK_REASONS: Mapping[str, Promise] = {
    "locked_by_hand": _("The data protection officer has locked them."),
    "fuse_blown": _("A number was reached at which faces are switched off by themselves."),
    "families_not_asked": _("It is not on record that families were asked."),
    "not_signed": _("The impact assessment is not signed."),
    "review_due": _("The impact assessment is due for review."),
    "clock_behind": _("The school's computer has the wrong time."),
}

# By the code of an audit.verifier.Fault.
FAULTS: Mapping[str, Promise] = {
    "changed": _("was changed"),
    "missing": _("is missing"),
    "reordered": _("is in the wrong place"),
    "personal_changed": _("had its text changed"),
    "cut_off": _("is where the log was cut off or added to"),
    "unknown_version": _("has a form that this version does not know"),
    "tree_changed": _("is whole, but the tree over it was changed"),
    "checkpoint_changed": _("has a checkpoint that is not what was signed"),
    "checkpoint_unknown_key": _("has a checkpoint signed by a key that is not trusted"),
    "checkpoint_contradicted": _("is not what a checkpoint was signed for"),
}

# By what `biometrics.engine.why_unavailable` returns: the cause, and what helps.
FACES_UNAVAILABLE = {
    "not_installed": _(
        "The face engine is not installed on this computer. Cards, codes and PINs work as always."
    ),
    "forbidden": _(
        "The law that this school chose does not allow faces. Cards, codes and PINs work as always."
    ),
    "keys": _(
        "The database of keys can't be reached. Health says what to do. Cards, codes and PINs work as always."
    ),
    "locked": _(
        "Faces are locked; the page Faces says why and what is needed. Cards, codes and PINs work as always."
    ),
}

# Why a till can't be tested with pictures, besides FACES_UNAVAILABLE. "damaged": by any code of the engine.
UNTESTABLE: Mapping[str, Promise] = {
    "no_face": _("This till takes no faces, so there is nothing to test."),
    "off": _(
        "The school has not decided to detect pictures. The data protection officer decides it on the page "
        "Faces; “Counted only” is enough for a test."
    ),
    "not_installed": _(
        "No network that detects pictures is installed on this computer, or the face engine is not. The "
        "operator runs “willing face liveness install” and restarts the server."
    ),
    "damaged": _(
        "The network that detects pictures is damaged. The operator runs “willing face liveness install” "
        "again and restarts the server."
    ),
}

# What the person or the picture before the camera is to do, as the till itself says it.
TEST_HINTS: Mapping[str, Promise] = {
    **HINTS,
    "ok": _("Hold still for a moment"),
    "turn_left": _("Turn your head to the left, then look at the screen again"),
    "turn_right": _("Turn your head to the right, then look at the screen again"),
}
TEST_TURNS: Mapping[str, str] = {"turn_left": "left", "turn_right": "right"}

# By the outcomes of biometrics.picture_results.OUTCOMES.
TEST_OUTCOMES: Mapping[str, Promise] = {
    "passed": _("Counted: taken for a living person."),
    "turned": _("Counted: asked to turn, and taken for a living person after it."),
    "not_turned": _("Counted: asked to turn, and not taken for a living person."),
    "refused": _("Counted: taken for a picture."),
    "unanswered": _("Counted: no answer. The till saw no face, or too little of it."),
}
