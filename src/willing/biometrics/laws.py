"""Which law a school works under: a change goes through to notices, permissions and stored faces at once."""

from willing.biometrics.consent_changes import publish_notices
from willing.biometrics.erasure import erase_unpermitted_faces
from willing.biometrics.generations import invalidate_gallery
from willing.biometrics.models import GalleryState, Template
from willing.biometrics.queries import mode_of
from willing.biometrics.school_policy import separate_lookalikes
from willing.biometrics.suspension import suspend_central_faces
from willing.consent.laws import require_law
from willing.core.transactions import atomic
from willing.people.models import School
from willing.people.school import set_law


@atomic
def change_law(school: School, law: str, *, by: int | None = None) -> None:
    """Let a school work under another legal profile; the one that it has already is no change.

    The notices are published anew where their text follows from the profile; where that is material, everyone
    who agreed is asked again and their face is suspended until then. Where the law wants half of each key on
    its owner's card, faces that the school alone could open are suspended. Faces for which no permission is
    left are erased. by: the user. Raises Refused law_unknown.
    """
    require_law(law)
    if school.legal_profile == law:
        return
    mode = mode_of(school)
    set_law(school, law, by=by)
    if mode == Template.Mode.VERIFY and mode_of(school) == Template.Mode.IDENTIFY:
        separate_lookalikes(school)  # before the first search among all
    if mode != mode_of(school):
        # A process that held a gallery for searching forgets it, and one that held none may build it.
        for purpose in GalleryState.objects.filter(school=school).values_list("purpose", flat=True):
            invalidate_gallery(school.id, purpose)
    if not require_law(law).may_store_centrally:
        suspend_central_faces(school, by=by)
    publish_notices()
    persons = Template.objects.filter(person__school=school).values_list("person_id", flat=True)
    erase_unpermitted_faces(sorted(set(persons)), cause="law.changed")
