"""Who may ask: keys, and the names under which the service is asked."""
