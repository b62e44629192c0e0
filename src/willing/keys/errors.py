"""What can be wrong with keys; none of these messages holds key material."""


class KeyGone(Exception):
    """The key was destroyed, so what it sealed can never be read again."""


class MasterKeyWrong(Exception):
    """The master key of this installation does not open this key."""


class KeysUnavailable(Exception):
    """The database of the keys is missing, damaged or another installation's: faces are off.

    Not the same as KeyGone: nothing is known to be destroyed, so nothing may be deleted for it.
    """
