"""Django's entry for this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room `accounts`."""

    name = "willing.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Let every way of signing in mark the session that it begins."""
        from django.contrib.auth.signals import user_logged_in

        from willing.accounts.sessions import begin_session

        user_logged_in.connect(begin_session, dispatch_uid="willing-begin-session")
