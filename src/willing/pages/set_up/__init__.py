"""The first minutes of a school, in a browser: from an empty folder to a till that sells."""
