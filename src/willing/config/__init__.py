"""Django settings, URLs, and the server that runs the application."""
