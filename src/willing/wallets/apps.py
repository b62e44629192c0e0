"""Django's entry for this room."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """The room `wallets`."""

    name = "willing.wallets"
    label = "wallets"
