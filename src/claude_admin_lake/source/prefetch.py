"""Fetches the next item while the current one is in use, and never more than one."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

_T = TypeVar("_T")


def ahead(items: Iterator[_T]) -> Generator[_T, None, None]:
    """The same items in the same order, each made in another thread while its predecessor is in
    use. An error is raised where its item would have been. The thread has the caller's context,
    so that its log lines name the organization.

    Exhaust or close the generator; closing waits for the item being made. If it were left to the
    garbage collector, it could be closed while a thread starts, and wait for itself.
    """
    end = object()

    def following() -> _T | object:
        return next(items, end)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        coming = thread.submit(copy_context().run, following)
        while (item := coming.result()) is not end:
            coming = thread.submit(copy_context().run, following)
            yield item  # type: ignore[misc]
