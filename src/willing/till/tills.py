"""Which terminals are tills: those that are for selling something."""

from willing.terminals.models import Terminal
from willing.terminals.pairing import Pairing, pair_terminal, require_terminal
from willing.till.errors import terminal_does_not_sell
from willing.till.rules import SELLING_PURPOSES


def require_selling(terminal: Terminal) -> None:
    """Raise Refused terminal_does_not_sell where a terminal is for something else: a gate, the library."""
    if terminal.purpose not in SELLING_PURPOSES:
        raise terminal_does_not_sell()


def require_till(token: str, *, device: str) -> Terminal:
    """Return the till that acts with `token` as a device of that kind.

    Raises Refused terminal_not_paired, terminal_does_not_sell.
    """
    terminal = require_terminal(token, device=device)
    require_selling(terminal)
    return terminal


def pair_till(code: str, *, key: str, device: str) -> Pairing:
    """Use up a till's pairing code. A gate's code is unknown here, and stays good for the gate.

    Raises Refused pairing_code_unknown.
    """
    return pair_terminal(code, key=key, device=device, purposes=SELLING_PURPOSES)
