"""What AWS charges, in dollars: list prices, us-east-1, without any free allowance.

Looked up 2026-11-22, in copies of AWS's pricing pages and of articles that quote them. AWS changes
them without notice: the ratios between the sizes of organization say more than the sums.
"""

PRICED_ON = "2026-11-22"

LAMBDA_GB_SECOND = (
    0.0000133334  # arm64, first tier; aws.amazon.com/lambda/pricing. The start counts.
)
LAMBDA_REQUEST = 0.20 / 1e6
S3_GB_MONTH = 0.023  # Standard, first 50 TB; aws.amazon.com/s3/pricing (as of March 2026)
S3_PUT = 0.005 / 1e3  # PUT, COPY, POST, LIST
S3_GET = 0.0004 / 1e3  # GET, HEAD and all others; deletes and aborts cost nothing
DYNAMODB_WRITE = 0.625 / 1e6  # on demand, since November 2024; aws.amazon.com/dynamodb/pricing
DYNAMODB_READ = 0.125 / 1e6  # 4 KB, consistent
SECRET_MONTH = 0.40  # aws.amazon.com/secrets-manager/pricing
SECRET_CALL = 0.05 / 1e4
METRIC_MONTH = 0.30  # aws.amazon.com/cloudwatch/pricing; by the hour, in hours that have a value
ALARM_MONTH = 0.10
STATE_TRANSITION = 0.025 / 1e3  # aws.amazon.com/step-functions/pricing, standard workflows
ATHENA_BYTE = 5 / 1e12  # aws.amazon.com/athena/pricing, at least 10 MB a query
ATHENA_LEAST = 10_000_000
HOURS_A_MONTH = 730
