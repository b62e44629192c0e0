"""Where no camera may be, and for how long a pairing code and a request's key count. Pure."""

# Where people sleep or undress there is no camera, whatever the local law (models.Location).
LOCATIONS_WITHOUT_FACE = frozenset({"toilet", "changing_room", "dormitory"})


PAIRING_MINUTES = 15


# How long an Idempotency-Key stands for its request (docs/reference/api.md).
REQUEST_KEY_HOURS = 24
