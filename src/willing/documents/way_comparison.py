"""How long each way to pay takes, and how often each is used."""

from dataclasses import replace

from django.utils.translation import gettext

from willing.documents.dpia_content import count_statistics
from willing.documents.dpia_statistics import counted_days, gate_waits_section, necessity_section, use_section
from willing.documents.parts import Document
from willing.people.models import School


def way_comparison(school: School) -> Document:
    """Return the waits of all ways side by side, and the use by way and class."""
    counted = count_statistics(school)
    waits, use = necessity_section(counted), use_section(counted)
    return Document(
        gettext("All ways to pay compared"),
        gettext("From %(first)s to %(last)s") % counted_days(counted),
        (
            replace(waits, title=gettext("Waiting time by way to pay"), paragraphs=waits.paragraphs[1:]),
            use,
            *gate_waits_section(counted),
        ),
    )
