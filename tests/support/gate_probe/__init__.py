"""A gate, as small as can be: an app beside the till, installed by its tests alone."""
