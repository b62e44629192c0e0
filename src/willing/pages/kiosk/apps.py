"""Django's entry for this room."""

from django.apps import AppConfig


class KioskConfig(AppConfig):
    """The pages `kiosk`."""

    name = "willing.pages.kiosk"
    label = "kiosk"
