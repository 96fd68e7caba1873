"""AWS's list prices in dollars: us-east-1, without any free allowance.

Looked up 2026-11-22 in copies of AWS's pricing pages and of articles that quote them. AWS can
change them without notice.
"""

LAMBDA_GB_SECOND = 0.0000133334  # arm64, first tier; aws.amazon.com/lambda/pricing
S3_GB_MONTH = 0.023  # Standard, first 50 TB; aws.amazon.com/s3/pricing (as of March 2026)
S3_PUT = 0.005 / 1e3  # PUT, COPY, POST, LIST
S3_GET = 0.0004 / 1e3  # GET, HEAD and all others; deletes and aborts cost nothing
SECRET_MONTH = 0.40  # aws.amazon.com/secrets-manager/pricing
METRIC_MONTH = 0.30  # aws.amazon.com/cloudwatch/pricing; by the hour, in hours that have a value
ALARM_MONTH = 0.10
ATHENA_BYTE = 5 / 1e12  # aws.amazon.com/athena/pricing, at least 10 MB a query
ATHENA_LEAST = 10_000_000
HOURS_A_MONTH = 730
