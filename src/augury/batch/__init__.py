"""Tables of any size: scored part by part in an engine, with a reject file, and gone on with after a stop."""
