"""`python -m demo`: a first load and the next morning's run, on an AWS account in memory."""
