"""Money across: pay-ins that were wrong, between siblings, what leavers leave, what a family reads of it."""
