"""The Admin API over HTTP. The only loop that sends requests is here."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import msgspec
import requests
import urllib3

from claude_admin_lake import NAME, VERSION
from claude_admin_lake.clock import EarlierClock
from claude_admin_lake.errors import LoaderError, OutOfTime, TooLarge
from claude_admin_lake.parsers import EARLIEST_DAY

from .exchange import ANSWER_SECONDS, MOST_ON_A_LAPTOP, Exchange
from .key_headers import KeyHeaders
from .retry import (
    DISCOURAGED_ATTEMPTS,
    FIRST_ATTEMPTS,
    TRANSPORT,
    UNREACHABLE,
    Refusal,
    http_date,
    wait_before_next,
)
from .wording import broken, refused

if TYPE_CHECKING:
    from datetime import datetime

    from claude_admin_lake.clock import Clock, Deadline

    from .accounts import Credential
    from .credential import CredentialSource
    from .pace import Pace
    from .query import Query

_T = TypeVar("_T")
Parse = Callable[[bytes], _T]
_log = logging.getLogger(__name__)

USER_AGENT = f"{NAME}/{VERSION}"
_MORE_MEMORY = "a function takes more with more memory (MemorySize)"
_NOTABLE = timedelta(minutes=5)
_LONG_WAIT = 5.0
"""Seconds; longer waits are logged as warnings."""


class Meter(msgspec.Struct):
    """What the requests so far have cost."""

    requests: int = 0
    retries: int = 0
    wait_seconds: float = 0.0


class AdminApi:
    """Sends one request at a time, at a steady pace, and retries where that can help."""

    def __init__(
        self,
        base_url: str,
        credentials: CredentialSource,
        pace: Pace,
        clock: Clock,
        deadline: Deadline,
        key_headers: KeyHeaders | None = None,
        enterprise_pace: Pace | None = None,
        *,
        most_bytes: int = MOST_ON_A_LAPTOP,
    ) -> None:
        """`enterprise_pace` is for requests with the Enterprise key, which have their own limit."""
        self.base_url, self._credentials = base_url, credentials
        self._key_headers = key_headers or KeyHeaders()
        self._pace, self._enterprise_pace = pace, enterprise_pace or pace
        self._clock, self._deadline = clock, deadline
        self._exchange, self._most_bytes = Exchange(), most_bytes
        self._time = EarlierClock(clock)
        self._discouraged, self._reached = False, False
        self._most_attempts = 1000
        self._older: set[str] = set()
        """Paths that have refused their optional parameters."""

    def ask_once(self) -> None:
        """Do not retry any request from now on."""
        self._most_attempts = 1

    @property
    def clock_difference(self) -> timedelta | None:
        """The machine's clock minus the API's, if known."""
        return self._time.difference

    def now(self) -> datetime:
        """The time by the machine's clock or by the API's `Date` header, whichever is earlier."""
        return self._time.now()

    def get(
        self, query: Query, parse: Parse[_T], meter: Meter, most_bytes: int | None = None
    ) -> _T:
        """The parsed body of the answer to a query.

        Raises:
            TooLarge: The decompressed body exceeds the limit.
            Forbidden, RequestRefused, ServerTrouble: The last attempt failed.
            CredentialError: A 401 that neither another header nor a renewed credential cures;
                KeyRefused if it concerns the Enterprise key.
            NotOffered: There is no credential of a kind that the endpoint accepts.
            OutOfTime: Not enough time is left.

        What `parse` raises is passed on, except msgspec.DecodeError: a truncated body is
        requested again.
        """
        attempt, renewed, doubted = 1, False, False
        if query.path in self._older:
            query = query.required
        while True:
            credential = self._key_headers.choose(
                self.base_url, self._credentials.current(query.keys)
            )
            pace = self._pace_of(credential)
            meter.wait_seconds += pace.wait_turn(self._deadline)
            meter.requests += 1
            answer = self._ask(query, credential, parse, most_bytes)
            if not isinstance(answer, Refusal):
                self._discouraged = False
                self._key_headers.worked(self.base_url, credential)
                return answer
            if answer.status == 400 and query.optional and query.is_first:
                # Only the second time: what is left out for one bad answer would be missing.
                query = self._without_optional(query, answer) if doubted else query
                doubted = True
            elif answer.status == 401:
                renewed = self._cure(query, credential, answer, renewed=renewed)
            else:
                self._wait(answer, attempt, meter, pace)
                attempt += 1
            meter.retries += 1

    def _without_optional(self, query: Query, refusal: Refusal) -> Query:
        _log.warning("asking without %s: %s", dict(query.optional), refusal.text)
        self._older.add(query.path)
        return query.required

    def _pace_of(self, credential: Credential) -> Pace:
        enterprise = self._credentials.is_enterprise(credential)
        return self._enterprise_pace if enterprise else self._pace

    def _ask(
        self, query: Query, credential: Credential, parse: Parse[_T], most_bytes: int | None
    ) -> _T | Refusal:
        left = self._deadline.left
        try:
            answer = self._exchange.request(
                "GET" if query.body is None else "POST",
                self.base_url + query.path,
                seconds=min(ANSWER_SECONDS, max(1.0, left)),
                most_bytes=min(most_bytes or self._most_bytes, self._most_bytes),
                data=query.body,
                params=query.parameters,
                headers={"User-Agent": USER_AGENT, **query.headers},
                auth=_Signed(credential),
            )
        except TimeoutError:
            if left <= ANSWER_SECONDS:
                raise OutOfTime(f"{query.path}: no whole answer in the time left") from None
            why = f"{query.path}: no whole answer in {ANSWER_SECONDS:.0f} s"
            return Refusal(TRANSPORT, {}, why)
        except TooLarge as error:
            raise TooLarge(f"{query.path}: {error}; {_MORE_MEMORY}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            return broken(query.path, self.base_url, error)
        self._reached = True
        self._hear(answer.headers.get("date", ""))
        if answer.status != 200:
            return refused(query.path, answer)
        try:
            return parse(answer.body)
        except msgspec.DecodeError as error:
            return Refusal(TRANSPORT, {}, f"{query.path}: the answer is not JSON: {error}")

    def _hear(self, date: str) -> None:
        stated = http_date(date)
        if stated is None or stated.date() < EARLIEST_DAY:
            return
        was = self._time.ahead
        self._time.hear(stated)
        if self._time.ahead > _NOTABLE > was:
            _log.warning("the clock here is ahead of the API's by %s", self._time.ahead)

    def _cure(self, query: Query, refused: Credential, refusal: Refusal, *, renewed: bool) -> bool:
        """Switch to another header or credential for the next request. Returns whether the
        credential has been renewed.

        Raises CredentialError or KeyRefused if there is nothing left to try.
        """
        if self._key_headers.switch(self.base_url, refused):
            _log.warning("the key was refused in the header x-api-key; trying it as Bearer")
            return renewed
        if renewed or not self._credentials.renew(refused, query.keys):
            raise self._credentials.refusal(refused, refusal.text)
        _log.warning("the credential was refused; trying the one that is valid now")
        return True

    def _wait(self, refusal: Refusal, attempt: int, meter: Meter, pace: Pace) -> None:
        most = self._most_attempts
        if refusal.status == UNREACHABLE and not self._reached:
            most = min(most, FIRST_ATTEMPTS)
        elif self._discouraged:
            most = min(most, DISCOURAGED_ATTEMPTS)
        try:
            seconds = wait_before_next(
                refusal, attempt, most=most, now=self._clock.now(), chance=random.random
            )
        except LoaderError:
            self._discouraged |= refusal.backoff().attempts > 1
            raise
        if refusal.status == 429:
            pace.drain()
        level = logging.WARNING if seconds >= _LONG_WAIT else logging.INFO
        _log.log(level, "asking again in %.1f s: %s", seconds, refusal.text)
        self._deadline.wait(seconds, f"HTTP {refusal.status}" if refusal.status > 0 else "a retry")
        meter.wait_seconds += seconds


class _Signed(requests.auth.AuthBase):
    """Signs the request here and keeps requests from taking a password out of ~/.netrc."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._credential.headers)
        betas = request.headers.get("anthropic-beta"), self._credential.beta
        if any(betas):
            request.headers["anthropic-beta"] = ",".join(filter(None, betas))
        return request
