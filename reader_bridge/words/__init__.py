"""What the bridge says, in Japanese and English."""
