"""The portal: what names it, the calls to it, and what may be said to it."""
