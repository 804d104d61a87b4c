"""Rules of the platform; standard library only."""
