"""The processes of the service, their sockets, and how they start and stop."""
