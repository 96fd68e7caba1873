"""The API's error responses."""

from admin_double.wire import encode

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
MESSAGES = {
    401: "invalid x-api-key",
    403: "Your API key does not have permission to use the specified resource.",
    404: "Not found",
    429: "This request would exceed your organization's rate limit. Please try again later.",
    500: "Internal server error",
    529: "Overloaded",
}
UNIDENTIFIED_MESSAGES = {401: "API key is invalid."}


class ApiError(Exception):
    """A response other than 200, in the documented form.

    An unidentified one has neither a `request-id` header nor a request id in its body.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        identified: bool = True,
    ) -> None:
        usual = MESSAGES if identified else UNIDENTIFIED_MESSAGES
        self.status = status
        self.message = message or usual.get(status, f"status {status}")
        self.headers = headers
        self.identified = identified
        super().__init__(self.message)

    def body(self, request_id: str) -> bytes:
        """The response body."""
        error = {"type": KINDS.get(self.status, "api_error"), "message": self.message}
        named = request_id if self.identified else None
        return encode({"type": "error", "error": error, "request_id": named})
