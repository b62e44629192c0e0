"""Django's entry for this room."""

from django.apps import AppConfig


class DrawersConfig(AppConfig):
    """The room `drawers`."""

    name = "willing.drawers"
    label = "drawers"

    def ready(self) -> None:
        """Tell the journal the highest numbers of pay-ins and Zs."""
        from willing.audit import journal
        from willing.drawers.numbers import highest_pay_ins, highest_zs

        journal.number_finders |= {"pay_ins": highest_pay_ins, "zs": highest_zs}
