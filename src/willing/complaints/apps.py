"""Django's entry for this room."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """The room `complaints`."""

    name = "willing.complaints"
    label = "complaints"
