"""Django's entry for this room."""

from django.apps import AppConfig


class EntranceConfig(AppConfig):
    """The room `entrance`."""

    name = "willing.entrance"
    label = "entrance"

    def ready(self) -> None:
        """Listen to what allauth tells of factors."""
        from willing.entrance import hearing, sealed

        hearing.listen()
        sealed.listen()
