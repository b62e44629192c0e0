"""Django's entry for this room."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    """The room `rights`."""

    name = "willing.rights"
    label = "rights"
