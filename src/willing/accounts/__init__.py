"""Users, roles, invitations, second factors, sessions, and who may open a page."""
