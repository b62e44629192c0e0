"""Django's entry for this room."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The room `core`."""

    name = "willing.core"
    label = "core"
