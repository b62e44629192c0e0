"""Django's entry for this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room `people`."""

    name = "willing.people"
    label = "people"

    def ready(self) -> None:
        """Let every way of signing in mark the session that it begins."""
        from django.contrib.auth.signals import user_logged_in

        from willing.people.sessions import begin_session

        user_logged_in.connect(begin_session, dispatch_uid="willing-begin-session")
