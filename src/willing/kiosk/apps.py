"""Django's entry for this room."""

from django.apps import AppConfig


class KioskConfig(AppConfig):
    """The room `kiosk`."""

    name = "willing.kiosk"
    label = "kiosk"
