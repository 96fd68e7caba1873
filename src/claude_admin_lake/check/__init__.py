"""A check before a load: what the key may read, what a load would do and how long it would take.

It sends one request for each table at most, and writes nothing.
"""
