"""Django's entry for this room."""

from django.apps import AppConfig

from willing.portal.logs import hide_links


class PortalConfig(AppConfig):
    """The room `portal`."""

    name = "willing.portal"
    label = "portal"

    def ready(self) -> None:
        """Keep family links out of the logs."""
        hide_links()
