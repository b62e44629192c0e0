"""Django's entry for this room."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The pages `portal`."""

    name = "willing.pages.portal"
    label = "portal"
