"""Say whether a living person is before the camera: the passive check, the turn, the verdict."""
