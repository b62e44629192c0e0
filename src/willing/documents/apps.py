"""Django's entry for this room."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """The room `documents`."""

    name = "willing.documents"
    label = "documents"

    def ready(self) -> None:
        """Let the queue print the sheets of a roll call."""
        from willing.documents.roll_call_printing import print_sheets
        from willing.jobs.registry import Worker, register
        from willing.rollcall.watch import SHEETS

        register(SHEETS, print_sheets, Worker.LONG)
