"""What persons must not eat, and every time a till held a dish back for it."""
