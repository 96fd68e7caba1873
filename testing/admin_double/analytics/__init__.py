"""The Usage and Cost Analytics API, summed from the same spend as the older reports."""
