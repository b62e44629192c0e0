"""The impact assessment: what was signed, who was asked, and the lock that follows from both."""
