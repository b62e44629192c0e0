"""Django's entry for this room."""

from django.apps import AppConfig


class MealsConfig(AppConfig):
    """The room `meals`."""

    name = "willing.meals"
    label = "meals"
