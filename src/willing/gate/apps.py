"""Django's entry for this room."""

from django.apps import AppConfig


class GateConfig(AppConfig):
    """The room `gate`."""

    name = "willing.gate"
    label = "gate"
    # What families are asked about because gates may be there (consent.purposes).
    serves_purposes = ("gate",)

    def ready(self) -> None:
        """Let a passage stop a message about absence, and let guardians who chose it hear of one."""
        from willing.attendance.message_ports import register_gate
        from willing.gate import syncing
        from willing.gate.family_messages import JOB, send_message
        from willing.gate.queries import came_in, has_lanes
        from willing.jobs.registry import Worker, register

        register_gate(came_in, has_lanes)
        register(JOB, send_message, Worker.URGENT)
        register(syncing.JOB, syncing.sync_device, Worker.DOORS)
