"""Demo authority, virtual cards and the reader page; never part of a production portal."""
