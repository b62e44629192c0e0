"""Django's entry for this room."""

from django.apps import AppConfig


class LeaveConfig(AppConfig):
    """The room `leave`."""

    name = "willing.leave"
    label = "leave"

    def ready(self) -> None:
        """Let mail ask, before it goes out, whether a leave still waits for that guardian."""
        from willing.leave.mail_texts import still_waits
        from willing.mail.models import Topic
        from willing.mail.texts import check_before_sending

        check_before_sending(Topic.LEAVE, still_waits)
