"""Records on their way in and answers on their way out, whatever they come in."""
