"""The service's own description, for machines and for people: OpenAPI of the very models that are served."""
