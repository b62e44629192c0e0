"""Django's entry for this room."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """The room `payments`."""

    name = "willing.payments"
    label = "payments"

    def ready(self) -> None:
        """Say which keys this room's rows are sealed under: the nightly job destroys those of nothing."""
        from willing.keys.uses import register_use
        from willing.payments.queries import keys_in_use

        register_use(keys_in_use)
