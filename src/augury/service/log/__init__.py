"""What is told of each request once it is answered: a line, and a span."""
