"""The form of a till's receipt printer. It turns text into values; what is possible, its action says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from willing.pages.console.forms import Plain
from willing.terminals.models import Characters, Printer
from willing.terminals.printer_rules import COLUMNS, PORT
from willing.terminals.printers import NewPrinter

PAPER = [(32, _("58 mm")), (42, _("80 mm, 42 characters a line")), (48, _("80 mm, 48 characters a line"))]
WHEN = [("pressed", _("When a person presses “Receipt”")), ("always", _("After every sale"))]


class PrinterForm(Plain):
    """Where a printer is, what paper it has, and when it prints."""

    address = forms.CharField(
        label=_("IP address"),
        max_length=45,
        required=False,  # or a queue: its action decides
        help_text=_("A printer in the school's own network. It prints its address on its test page."),
    )
    port = forms.IntegerField(label=_("Port"), initial=PORT)
    queue = forms.CharField(
        label=_("Or a print queue of the server (CUPS)"),
        max_length=127,
        required=False,
        help_text=_("For a printer without a network connection. The operator sets the queue up."),
    )
    columns = forms.TypedChoiceField(label=_("Paper"), choices=PAPER, initial=COLUMNS[-1], coerce=int)
    characters = forms.ChoiceField(label=_("Character set"), choices=Characters.choices)
    when = forms.ChoiceField(label=_("When it prints"), choices=WHEN, initial="pressed")

    def __init__(self, *args: Any, printer: Printer | None = None, **kwargs: Any) -> None:
        """Begin with the printer that there is."""
        super().__init__(*args, initial=_initial_of(printer) if printer else None, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Take an address or a queue, not both."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if said.get("address") and said.get("queue"):
            self.add_error("queue", _("Enter an address or a queue, not both."))
        return said

    @property
    def new_printer(self) -> NewPrinter:
        """What was filled in, once it is valid."""
        said = self.cleaned_data
        return NewPrinter(
            address=said["address"],
            port=said["port"],
            queue=said["queue"],
            columns=said["columns"],
            characters=said["characters"],
            prints_always=said["when"] == "always",
        )


def _initial_of(printer: Printer) -> dict[str, Any]:
    return {
        "address": printer.address or "",
        "port": printer.port or PORT,
        "queue": printer.queue,
        "columns": printer.columns,
        "characters": printer.characters,
        "when": "always" if printer.prints_always else "pressed",
    }
