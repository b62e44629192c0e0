"""Pages at the till: the cashier's half, the pupil's half, the camera."""
