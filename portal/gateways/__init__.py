"""The ways out to the network."""
