"""Django's entry for this room."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The room `console`."""

    name = "willing.console"
    label = "console"
