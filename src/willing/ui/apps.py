"""Django's entry for this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The room `ui`."""

    name = "willing.ui"
    label = "ui"
