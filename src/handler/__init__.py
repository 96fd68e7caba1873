"""Load nine Anthropic Admin API tables into a partitioned lake, exactly."""

NAME = "claude-admin-lake"
VERSION = "0.1.0"
