"""How a device becomes a lane of a gate, and acts as one."""

from willing.gate import errors
from willing.gate.models import Lane
from willing.gate.set_up import PURPOSE
from willing.gate.wording import in_gate_words
from willing.terminals.models import Device
from willing.terminals.pairing import Pairing, pair_terminal, require_terminal


@in_gate_words
def pair_lane(code: str, *, key: str, device: str = Device.KIOSK) -> Pairing:
    """Use up a lane's pairing code. Raises Refused pairing_code_unknown, for a till's too."""
    return pair_terminal(code, key=key, device=device, purposes={PURPOSE})


@in_gate_words
def require_paired_lane(token: str, *, device: str = Device.KIOSK) -> Lane:
    """Return the lane that acts with a token. Raises Refused terminal_not_paired, not_a_lane."""
    terminal = require_terminal(token, device=device)
    lane = Lane.objects.select_related("door").filter(pk=terminal.pk).first()
    if lane is None:
        raise errors.not_a_lane()
    lane.terminal = terminal
    return lane
