"""Pages for signing in, for staff, guardians and pupils: django-allauth in our own look."""
