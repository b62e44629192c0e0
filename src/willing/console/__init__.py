"""Pages for staff: enrolment desk, office, canteen."""
