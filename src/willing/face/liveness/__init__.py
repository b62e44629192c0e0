"""Say whether a living person stands before the camera: the passive check, the turn, the verdict."""
