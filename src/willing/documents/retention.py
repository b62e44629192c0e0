"""The table of what is kept and how long, as a document."""

from django.utils.translation import gettext

from willing.consent.profiles import require_profile
from willing.documents.dpia import retention_section
from willing.documents.dpia_content import retention_content
from willing.documents.parts import Document
from willing.people.models import School


def retention_document(school: School) -> Document:
    """Return what is kept and for how long, from the live table."""
    retention = retention_section(retention_content(require_profile(school.legal_profile)))
    return Document(gettext("What is kept, and for how long"), school.name, (retention,))
