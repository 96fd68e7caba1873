"""The kinds of endpoint: how each is asked, how it pages, and which records it serves."""
