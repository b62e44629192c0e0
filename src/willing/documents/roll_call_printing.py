"""The job that prints the sheets of a roll call at each close of registers, through the computer's own queue.

They go to the printer in one piece and are written to no disk: they name everyone, some with a word about
their health.
"""

import subprocess
from uuid import UUID

from django.utils import translation

from willing.documents.pdf import letters_to_pdf
from willing.documents.roll_call_sheets import roll_call_sheets
from willing.jobs.registry import TryLater
from willing.people.look import look_of
from willing.people.models import School
from willing.rollcall.queries import current_list, last_close, settings_of
from willing.rollcall.set_up import note_sheets

LP_SECONDS_MAX = 60


def print_sheets(school_id: UUID) -> None:
    """Print the sheets as of now. Raises TryLater where the printing system does not take them."""
    school = School.objects.get(pk=school_id)
    queue, closed_at = settings_of(school).print_queue, last_close(school)
    if not queue or closed_at is None:
        return
    with translation.override(school.language):
        pdf = letters_to_pdf(roll_call_sheets(school, current_list(school)), look_of(school))
    fault = _print(queue, pdf)
    note_sheets(school, closed_at, fault=fault)
    if fault:
        raise TryLater(fault)


def _print(queue: str, pdf: bytes) -> str:
    """Hand a PDF to the printing system; return why it was not taken, or ""."""
    try:
        # A name of letters and digits (is_queue_name), and no shell.
        done = subprocess.run(  # noqa: S603
            ["lp", "-d", queue, "-"],  # noqa: S607  # wherever the system keeps it
            input=pdf,
            capture_output=True,
            timeout=LP_SECONDS_MAX,
            check=False,
        )
    except FileNotFoundError:
        return "lp_missing"
    except subprocess.TimeoutExpired:
        return "lp_timed_out"
    return "" if done.returncode == 0 else "lp_refused"
