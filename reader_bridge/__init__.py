"""The bridge: reads the card over PC/SC and hands its answer to a portal."""
