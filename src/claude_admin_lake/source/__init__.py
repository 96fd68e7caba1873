"""The Admin API: from a read to its pages of raw records."""
