"""Django's entry for this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room `people`."""

    name = "willing.people"
    label = "people"
