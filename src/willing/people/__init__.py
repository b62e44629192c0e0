"""Schools, persons, guardians and roles."""
