"""`python -m demo`: a first load and the next morning's run, on an account that is not there."""
