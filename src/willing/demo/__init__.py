"""A demo school, and the story of one lunch hour told with real software on sample portraits."""
