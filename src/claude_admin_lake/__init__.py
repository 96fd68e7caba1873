"""Anthropic's Admin API as a partitioned data lake, exact and current."""

NAME = "claude-admin-lake"
VERSION = "0.1.0"
