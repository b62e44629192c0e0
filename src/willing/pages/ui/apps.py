"""Django's entry for this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The pages `ui`."""

    name = "willing.pages.ui"
    label = "ui"
