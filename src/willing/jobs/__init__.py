"""Work that a server does later: a queue in the database, and a worker that goes on where it was stopped."""
