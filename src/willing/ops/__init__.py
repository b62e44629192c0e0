"""What the computer in the school needs to run by itself: copies, and whether everything is in order."""
