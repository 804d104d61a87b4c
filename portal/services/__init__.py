"""Use-cases: what a person or a bridge can do, each in a transaction of its own."""
