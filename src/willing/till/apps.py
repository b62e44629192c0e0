"""Django's entry for this room."""

from django.apps import AppConfig


class TillConfig(AppConfig):
    """The room `till`."""

    name = "willing.till"
    label = "till"
