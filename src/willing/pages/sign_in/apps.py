"""Django's entry for this room."""

from django.apps import AppConfig


class SignInConfig(AppConfig):
    """The pages `sign_in`."""

    name = "willing.pages.sign_in"
    label = "sign_in"

    def ready(self) -> None:
        """Listen to what allauth tells of factors."""
        from willing.pages.sign_in import sealed, signals

        signals.listen()
        sealed.listen()
