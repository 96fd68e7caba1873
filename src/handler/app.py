"""The Lambda function's entry point: `handler.app.lambda_handler`."""

from claude_admin_lake.function.app import lambda_handler

__all__ = ["lambda_handler"]
