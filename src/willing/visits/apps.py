"""Django's entry for this room."""

from django.apps import AppConfig


class VisitsConfig(AppConfig):
    """The room `visits`."""

    name = "willing.visits"
    label = "visits"
