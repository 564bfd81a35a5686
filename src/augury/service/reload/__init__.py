"""Models whose files change while they are served."""
