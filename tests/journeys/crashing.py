"""The application, but its process dies once: after a sale's money is held and before it is settled.

Killed, not raised: no handler runs, no transaction is rolled back by Python, exactly as in a power cut.
"""

import os
import signal
from typing import Any
from uuid import UUID

from willing.config.wsgi import application
from willing.till import payment

__all__ = ["application"]

_settle = payment.settle_sale


def _die(sale_id: UUID) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)
    return _settle(sale_id)


payment.settle_sale = _die
