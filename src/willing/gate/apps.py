"""Django's entry for this room."""

from django.apps import AppConfig


class GateConfig(AppConfig):
    """The room `gate`."""

    name = "willing.gate"
    label = "gate"
    # What families are asked about because gates may be there (consent.purposes).
    serves_purposes = ("gate",)

    def ready(self) -> None:
        """Let a passage stop a message about absence; it does nothing else there."""
        from willing.attendance.message_ports import register_gate
        from willing.gate.queries import came_in, has_lanes

        register_gate(came_in, has_lanes)
