"""What each task takes, counted by the journeys and printed beside what was wanted: `make presses`."""
