"""The sections of what a person reads about themselves, by subject."""
