"""The application, but its process dies once: after a sale's money has moved and before the sale is written.

Killed, not raised: no handler runs, no transaction is rolled back by Python, exactly as in a power cut.
"""

import os
import signal
from unittest import mock

from willing.config.wsgi import application
from willing.people.models import School
from willing.till import payment, receipts

__all__ = ["application"]

_next_receipt_number = receipts.next_receipt_number


def _die(school: School) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return _next_receipt_number(school)


mock.patch.object(payment, "next_receipt_number", _die).start()
