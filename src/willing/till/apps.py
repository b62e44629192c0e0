"""Django's entry for this room."""

from django.apps import AppConfig


class TillConfig(AppConfig):
    """The room `till`."""

    name = "willing.till"
    label = "till"

    def ready(self) -> None:
        """Let the journal of refusals know the highest receipt numbers."""
        from willing.audit import journal
        from willing.till.queries import highest_receipts

        journal.find_receipts = highest_receipts
