"""Django's entry for this room."""

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """The room `entitlements`."""

    name = "willing.entitlements"
    label = "entitlements"
