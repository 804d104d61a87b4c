"""One conversation between a citizen, a card and a portal."""
