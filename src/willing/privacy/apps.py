"""Django's entry for this room."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """The room `privacy`."""

    name = "willing.privacy"
    label = "privacy"
