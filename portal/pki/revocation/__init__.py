"""Who was revoked: a source, and the one that reads lists (CRL)."""
