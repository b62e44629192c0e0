"""What people have a right to: everything held about a person, and how long each kind of data is kept."""
