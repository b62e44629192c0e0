"""Django's entry for this room."""

from django.apps import AppConfig


class SetUpConfig(AppConfig):
    """The pages `set_up`."""

    name = "willing.pages.set_up"
    label = "set_up"
