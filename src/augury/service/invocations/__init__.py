"""The endpoint that hosts of models call: ``/invocations``."""
