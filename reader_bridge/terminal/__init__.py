"""A service provider's terminal: its taps and its token."""
