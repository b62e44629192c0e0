"""What the seed and the journeys both know; imports nothing of Django."""

PIN = "2580"
PASSWORD = "a long enough phrase"
