"""Plug-ins by name, with options: ``grid(points=5)``."""
