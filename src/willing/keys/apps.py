"""Django's entry for this room."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """The room `keys`."""

    name = "willing.keys"
    label = "keys"
