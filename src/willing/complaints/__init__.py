"""Reports and requests of families, and what follows from an answer."""
