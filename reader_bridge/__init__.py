"""The bridge: reads the card over PC/SC and hands its answer to a portal."""

__version__ = "0.1.0"  # of both distributions: each pyproject.toml reads it here
