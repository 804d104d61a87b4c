"""What the figures are measured on: portals in production, people in their databases, load, and a bare floor."""
