"""Django's entry for this room."""

from django.apps import AppConfig


class BoardingConfig(AppConfig):
    """The room `boarding`."""

    name = "willing.boarding"
    label = "boarding"

    def ready(self) -> None:
        """Let the worker write to wardens."""
        from willing.boarding import alert_mail, untaken
        from willing.jobs.registry import Worker, register

        register(alert_mail.JOB, alert_mail.mail_wardens, Worker.URGENT)
        register(untaken.UNTAKEN, alert_mail.mail_of_untaken, Worker.URGENT)
