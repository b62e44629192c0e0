"""What goes wrong in this room. What the verifier finds is `verify.errors.Unproven`."""


class NothingLogged(Exception):
    """The log has no entry yet, so there is nothing to sign."""


class NotSealed(Exception):
    """No checkpoint covers the entry yet; the next one will (`willing audit checkpoint`)."""


class TreeDamaged(Exception):
    """The stored tree lacks a part or does not continue what was signed; `willing audit verify` says more."""


class SigningKeyUnreadable(Exception):
    """The file with the signing key does not hold one."""


class CopyUnreadable(Exception):
    """The file is no copy of a database with a log in it."""


class JournalUnfit(Exception):
    """The folder cannot be where the journal of refusals lies."""


class JournalDamaged(Exception):
    """There is no journal of refusals there, or it cannot be read on."""
