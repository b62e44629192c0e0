"""Argon2 as the product uses it, at the least cost: tests hash hundreds of known passwords and PINs."""

from willing.core.hashing import BoundedArgon2, PinArgon2


class CheapArgon2(BoundedArgon2):
    time_cost = 1
    memory_cost = 8
    parallelism = 1


class CheapPinArgon2(PinArgon2):
    time_cost = 1
    memory_cost = 8
