"""The certificate that the server shows, read anew when its files change: no line is cut for it."""

import logging
import ssl
from pathlib import Path

from willing.core.supervision import supervise
from willing.ops.authority import renew_if_due
from willing.ops.https_files import Https

LOOK_SECONDS = 600
log = logging.getLogger("willing.start")


class Shown:
    """A certificate with its key, in one context for all lines."""

    def __init__(self, https: Https) -> None:
        self.https = https
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._read = self._stamp()
        self.context.load_cert_chain(https.certificate, https.key)

    def _stamp(self) -> tuple[int, ...]:
        return tuple(Path(one).stat().st_mtime_ns for one in (self.https.certificate, self.https.key))

    def refresh(self) -> None:
        """Renew what is due, and show from now on what the files hold.

        Files of which only one is new yet do not fit: the ones before go on until the next look.
        """
        renew_if_due()
        stamp = self._stamp()
        if stamp == self._read:
            return
        # Tried apart: a context that half of a pair was loaded into shows neither.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.https.certificate, self.https.key)
        self.context.load_cert_chain(self.https.certificate, self.https.key)
        self._read = stamp
        log.info("the certificate was read anew")

    def watch(self) -> None:
        """Look every ten minutes, in a thread that Health knows of."""
        supervise("https", self.refresh, every_seconds=LOOK_SECONDS)
