"""What the seed and the journeys both know; imports nothing of Django."""

PIN = "2580"
STAFF_PIN = "4826"
PASSWORD = "a long enough phrase"
