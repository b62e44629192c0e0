"""A demo school, and the story of one lunch hour, with real software on sample portraits."""
