"""What an operator does beside the portal's own pages: looking over, looking up, keeping safe."""
