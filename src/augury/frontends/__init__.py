"""Other people's models in: pickles are read without running them, and fitted estimators become our own nodes."""
