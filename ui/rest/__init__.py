"""The REST routes below `/v1`, with an OpenAPI description at `/v1/openapi.json`."""
