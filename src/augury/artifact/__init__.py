"""The artifact: a model at rest, one file of pure data in its canonical rendering."""
