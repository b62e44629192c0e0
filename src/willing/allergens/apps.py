"""Django's entry for this room."""

from django.apps import AppConfig


class AllergensConfig(AppConfig):
    """The room `allergens`."""

    name = "willing.allergens"
    label = "allergens"
