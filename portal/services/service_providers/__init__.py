"""What a service provider does: terminals, tapped cards, service links, and what is handed over."""
