"""Measure the engine on a folder of photographs; nothing that runs in a school imports this."""
