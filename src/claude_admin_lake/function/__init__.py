"""The run as an AWS Lambda function."""
