"""Django's entry for this room."""

from django.apps import AppConfig


class TerminalsConfig(AppConfig):
    """The room `terminals`."""

    name = "willing.terminals"
    label = "terminals"
