"""The service: models behind HTTP, on Starlette and uvicorn."""
