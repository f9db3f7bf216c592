"""Convert every error of a REST route to one format: `{"error": {"type": …, "message": …}}`."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from searchapp.errors import (
    BuildError,
    CollectionNotFoundError,
    ConfigurationError,
    DocumentNotFoundError,
    InputError,
    MissingExtraError,
    SearchAppError,
    StoreError,
)
from ui.safety import public_text
from ui.schema import problems

logger = logging.getLogger(__name__)

STATUS: dict[type[SearchAppError], int] = {
    DocumentNotFoundError: 404,  # before InputError, its base class
    InputError: 422,
    ConfigurationError: 422,
    CollectionNotFoundError: 404,
    BuildError: 409,
    MissingExtraError: 501,
    StoreError: 503,
}
"""Type of error -> HTTP status; others are 500."""


class Problem(BaseModel):
    """What went wrong."""

    type: str = Field(description="The kind of error, such as InputError.")
    message: str = Field(description="What was found, what was expected, and what to do.")


class ProblemAnswer(BaseModel):
    """The body of every error response."""

    error: Problem


FAILURES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ProblemAnswer, "description": "The request is invalid; the message gives the reason."},
    "5XX": {"model": ProblemAnswer, "description": "The server failed."},
}


def add_error_handlers(app: FastAPI) -> None:
    """Make an application return errors in this format.

    Args:
        app: Application that gets the handlers.
    """

    def known(request: Request, error: Exception) -> JSONResponse:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        logger.warning("%s %s: %s", request.method, request.url.path, error)
        return answer(status, type(error).__name__, public_text(str(error)))

    def invalid(request: Request, error: Exception) -> JSONResponse:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        return answer(422, "InputError", public_text(problems([dict(one) for one in found])))

    def refused(request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        detail = str(error.detail) if isinstance(error, HTTPException) else "failed"
        return answer(status, "HttpError", detail, headers=headers)

    app.add_exception_handler(SearchAppError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, unexpected)


def unexpected(request: Request, error: Exception) -> JSONResponse:
    """Respond to an unexpected failure; the details go to the log only.

    Args:
        request: Request that failed.
        error: Exception that no other handler expects.
    """
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "InternalError", "something unexpected happened; the details are in the server's log")


def answer(status: int, kind: str, message: str, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """Create the response to a failed request.

    Args:
        status: HTTP status code.
        kind: Type of the error.
        message: What went wrong, for people.
        headers: Additional response headers.
    """
    return JSONResponse({"error": {"type": kind, "message": message}}, status_code=status, headers=headers)
