"""The way of a picture: read it, find faces, choose the one, measure it, align it for the recogniser."""
