"""Django's entry for this room."""

from django.apps import AppConfig


class PapersConfig(AppConfig):
    """The room `papers`."""

    name = "willing.papers"
    label = "papers"
