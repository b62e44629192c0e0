"""Django's entry for this room."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The pages `console`."""

    name = "willing.pages.console"
    label = "console"
