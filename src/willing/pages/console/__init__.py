"""Pages for staff: front door, office, enrolment desk, day, terminals, log."""
