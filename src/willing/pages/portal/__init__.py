"""Pages for guardians and pupils."""
