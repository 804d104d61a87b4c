"""The computer: the link that starts the bridge, and what may be wrong here."""
