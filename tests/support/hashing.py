"""Argon2 as the product uses it, at the least cost: tests hash hundreds of known passwords and PINs."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
