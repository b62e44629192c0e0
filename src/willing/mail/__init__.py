"""Mail to guardians, from the school's own mail server: a first name and a link, and only what they want."""
