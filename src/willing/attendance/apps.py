"""Django's entry for this room."""

from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    """The room `attendance`."""

    name = "willing.attendance"
    label = "attendance"

    def ready(self) -> None:
        """Say what mail about absence holds and until when; let the worker do what waits for it."""
        from willing.attendance import contacting, message_texts, set_code_marks
        from willing.attendance.set_code_queries import RECORD_JOB, UNDO_JOB
        from willing.jobs.registry import Worker, register
        from willing.mail.models import Topic
        from willing.mail.texts import check_before_sending, register_details

        register_details(Topic.ABSENT, message_texts.details)
        check_before_sending(Topic.ABSENT, message_texts.still_holds)
        register(contacting.JOB, contacting.hand_over, Worker.URGENT)
        register(RECORD_JOB, set_code_marks.finish_recording, Worker.LONG)
        register(UNDO_JOB, set_code_marks.finish_undoing, Worker.LONG)
