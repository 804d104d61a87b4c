"""Use-cases: what a person, a clerk or a bridge can do, each in a transaction of its own."""
