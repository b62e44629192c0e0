"""Django's entry for this room."""

from django.apps import AppConfig


class TillConfig(AppConfig):
    """The room `till`."""

    name = "willing.till"
    label = "till"
    # What families are asked about because tills are there (consent.purposes).
    serves_purposes = ("canteen", "shop")

    def ready(self) -> None:
        """Tell the journal the highest receipt numbers; close what was begun at a till before a change."""
        from willing.audit import journal
        from willing.mail.models import Topic
        from willing.mail.texts import register_details
        from willing.terminals.actions import set_up_changed
        from willing.terminals.pairing import device_changed
        from willing.till.device_changes import close_left_basket
        from willing.till.mailed_receipts import details_of_mail
        from willing.till.receipts import highest_receipts

        journal.number_finders["receipts"] = highest_receipts
        register_details(Topic.BOUGHT, details_of_mail)
        device_changed.connect(close_left_basket, dispatch_uid="willing-till-device-changed")
        set_up_changed.connect(close_left_basket, dispatch_uid="willing-till-set-up-changed")
