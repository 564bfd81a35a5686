"""Tables: how they are read, and what they teach about the contract."""
