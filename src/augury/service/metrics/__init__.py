"""What the service counts, in memory that its workers share, and the page on which Prometheus reads it."""
