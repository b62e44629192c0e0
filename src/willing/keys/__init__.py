"""Person keys and gallery secrets, in a database of their own, wrapped by the master key."""
