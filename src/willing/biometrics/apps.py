"""Django's entry for this room."""

from django.apps import AppConfig


class BiometricsConfig(AppConfig):
    """The room `biometrics`."""

    name = "willing.biometrics"
    label = "biometrics"
