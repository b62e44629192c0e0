"""Django's entry for this room."""

from django.apps import AppConfig


class RollCallConfig(AppConfig):
    """The room `rollcall`."""

    name = "willing.rollcall"
    label = "rollcall"
