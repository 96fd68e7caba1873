"""The comparison for cold starts: imports everything at once, then sends one request."""

import os

import boto3
import requests
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities import parameters

libraries = (Logger(service="plain"), Metrics(namespace="plain", service="plain"), parameters)
clients = [boto3.client(name) for name in ("s3", "dynamodb", "secretsmanager")]


def lambda_handler(_event: object, _context: object) -> dict[str, object]:
    answer = requests.get(os.environ["ADMIN_API_BASE_URL"] + "/v1/organizations/me", timeout=10)
    return {"status": answer.status_code}
