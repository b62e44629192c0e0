"""Which part of a person's answer speaks of each table, and which tables speak of nobody."""

from collections.abc import Mapping

# Which part of the answer speaks of each table; a test fails for a table that is neither here nor left out.
COVERED: Mapping[str, str] = {
    "people.Person": "person",
    "people.YearGroup": "person",
    "people.Guardian": "guardians",
    "people.GuardianLink": "guardians",
    "accounts.User": "sign_ins",
    "accounts.Role": "sign_ins",
    "accounts.Invitation": "invitations",
    "account.EmailAddress": "sign_ins",
    "mfa.Authenticator": "sign_ins",
    "socialaccount.SocialAccount": "sign_ins",
    "consent.Notification": "told",
    "consent.Decision": "decisions",
    "consent.Undo": "decisions",
    "consent.Excuse": "excuses",
    "consent_forms.ConsentForm": "signed_forms",
    "biometrics.Template": "faces",
    "biometrics.OwnScores": "recognition",
    "biometrics.LookalikePair": "faces",
    "biometrics.FaceSession": "uses_of_face",
    "credentials.Card": "cards",
    "credentials.Pin": "pin",
    "till.Limits": "limits",
    "till.MealAllowance": "meal_allowance",
    "till.Basket": "baskets",
    "till.BasketLine": "charges",
    "till.Sale": "charges",
    "till.Refund": "charges",
    "terminals.Terminal": "uses_of_face",
    "till.Product": "charges",
    "ledger.Account": "balance_minor",
    "ledger.Transfer": "paid_in",
    "complaints.Complaint": "complaints",
    "complaints.ComplaintWords": "complaints",
    "audit.Entry": "log",
}


_SCHOOL = "the school's own; about nobody"


_LOG = "figures over the whole log; about nobody"


LEFT_OUT: Mapping[str, str] = {
    "keys.PersonKey": "a key, not data; it opens the template, which is never given out",
    "keys.GallerySecret": "a secret of the whole school",
    "keys.PendingWipe": "that bytes of a destroyed key are not overwritten yet; it names nobody",
    "keys.KeysInstallation": _SCHOOL,
    "core.Installation": _SCHOOL,
    "biometrics.KeyToDestroy": "a key that is about to be destroyed; the receipt of the erasure says so",
    "sessions.Session": "that a browser is signed in; signing out everywhere ends it",
    "account.EmailConfirmation": "never written: e-mail addresses come from the school's register",
    "socialaccount.SocialToken": "never written: tokens of the school's provider are not kept",
    "socialaccount.SocialApp": _SCHOOL,
    "credentials.FailedAttempt": "which way failed, where and when; never who",
    "credentials.PinAttempts": "how often a number or card was tried lately, under a digest; in `pin`",
    "accounts.FailedSignIns": "how many sign-ins failed for nobody in particular",
    "terminals.RequestKey": "which requests of a till were answered, for a day; never who",
    "accounts.Passkey": "the counter of a passkey that `sign_in` tells of",
    "audit.JournalLine": _LOG,
    "audit.LogCheck": _LOG,
    "audit.Head": _LOG,
    "audit.Node": _LOG,
    "audit.SignedCheckpoint": _LOG,
    "consent.Notice": "the published texts; each decision names the hash of its own",
    "people.School": _SCHOOL,
    "till.SchoolLimits": _SCHOOL,
    "till.ReceiptCounter": _SCHOOL,
    "till.Barcode": _SCHOOL,
    "till.SpecialPrice": _SCHOOL,
    "till.MenuCycle": _SCHOOL,
    "biometrics.FacePolicy": _SCHOOL,
    "biometrics.GalleryState": _SCHOOL,
    "dpia.SignedAssessment": _SCHOOL,
    "dpia.FamilyConsultation": _SCHOOL,
    "dpia.ManualLock": _SCHOOL,
    "dpia.Risk": _SCHOOL,
    "dpia.Incident": "what happened and what was done, without names",
    "auth.Permission": _SCHOOL,
    "auth.Group": _SCHOOL,
    "contenttypes.ContentType": _SCHOOL,
}
