"""HTTP and words: one file a page family."""
