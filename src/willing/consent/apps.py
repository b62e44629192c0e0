"""Django's entry for this room."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """The room `consent`."""

    name = "willing.consent"
    label = "consent"
