"""Django's entry for this room."""

from django.apps import AppConfig


class RosterConfig(AppConfig):
    """The room `roster`."""

    name = "willing.roster"
    label = "roster"
