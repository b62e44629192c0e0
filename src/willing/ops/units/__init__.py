"""The texts of the units that systemd runs; an installation's own values replace each `@name@`."""
