"""What Health says about receipt printers, and about the sheets of a roll call."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from willing.core.clock import now
from willing.ops.condition import Condition
from willing.people.models import School
from willing.rollcall.labels import PRINT_FAULTS
from willing.rollcall.queries import settings_of
from willing.terminals.errors import PRINTER_FAULTS
from willing.terminals.models import Printer

# A printer that nobody has tried since is no news any more.
NEWS = timedelta(days=1)


def printers_print(school: School) -> Iterator[Condition]:
    """Name each till whose printer did not take the last receipt."""
    rows = Printer.objects.select_related("terminal").filter(
        terminal__school=school, terminal__retired_at=None, tried_at__gt=now() - NEWS
    )
    for one in rows.exclude(fault="").order_by("terminal__name"):
        detail = _("%(till)s: %(fault)s Sales go on; test it under Tills.")
        facts = {"till": one.terminal.name, "fault": PRINTER_FAULTS[one.fault]}
        yield Condition("printer", False, gettext_lazy("A receipt printer does not print."), detail % facts)


def sheets_print(school: School) -> Iterator[Condition]:
    """Say so where the latest sheets of a roll call did not reach the printer: they are not outside then."""
    held = settings_of(school)
    if held.print_queue and held.print_fault:
        detail = _("%(fault)s Print them by hand under Roll call, and lay them out.")
        facts = {"fault": PRINT_FAULTS[held.print_fault]}
        label = gettext_lazy("The sheets of the roll call were not printed.")
        yield Condition("roll_call_sheets", False, label, detail % facts)
