"""Mail to guardians: a first name and a link, from the school's own mail server, and only what they want."""
