"""Django's entry for this room."""

from django.apps import AppConfig


class DrawersConfig(AppConfig):
    """The room `drawers`."""

    name = "willing.drawers"
    label = "drawers"
