"""What can be wrong with keys; none of these messages holds key material."""


class KeyGone(Exception):
    """The key was destroyed, so what it sealed can never be read again."""


class MasterKeyWrong(Exception):
    """The master key of this installation does not open this key."""
