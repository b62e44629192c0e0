"""Django's entry for this room."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The room `ledger`."""

    name = "willing.ledger"
    label = "ledger"
