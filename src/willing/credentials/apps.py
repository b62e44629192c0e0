"""Django's entry for this room."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    """The room `credentials`."""

    name = "willing.credentials"
    label = "credentials"
