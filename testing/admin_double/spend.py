"""Usage of a day, by spender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil, isqrt
from random import Random
from typing import NamedTuple

from admin_double.chance import dice
from admin_double.prices import BATCH, Model
from admin_double.spaces import Space, Spender
from admin_double.wire import midnight

NATURAL_SPREAD = 2 / 3
TOKEN_WEIGHTS = (40_000, 9_000, 260_000, 30_000, 6_000)


class Usage(NamedTuple):
    """One spender's usage of one model at one time."""

    at: datetime
    workspace_id: str | None
    api_key_id: str | None
    account_id: str | None
    service_account_id: str | None
    model: str
    service_tier: str
    context_window: str
    inference_geo: str
    speed: str
    tokens: tuple[int, ...]
    web_search_requests: int
    federated_subject: str | None = None
    product: str = "messages_api"

    @property
    def requests(self) -> int:
        """The number of API requests."""
        return 1 + self.tokens[1] // 2_000


class Profile(NamedTuple):
    """A workspace, model, tier and context window that several spenders use."""

    space: Space
    spenders: Sequence[Spender]
    model: Model
    tier: str
    context: str


@dataclass(frozen=True, kw_only=True)
class Volume:
    """The number of usage rows of a day, and of the profiles that they are spread over."""

    rows: int
    profiles: int


def exact_volume(rows: int, available: int, spaces: int) -> Volume:
    """Limit the profiles so that the cost report has at most as many rows."""
    return Volume(
        rows=rows, profiles=min(available, max(1, isqrt(rows) // 2, (rows - 3 * spaces) // 10))
    )


def natural_volume(rows: int, available: int) -> Volume:
    """One spender for most profiles, two for some."""
    return Volume(rows=rows, profiles=min(available, ceil(rows * NATURAL_SPREAD)))


def usages(
    seed: int, day: date, version: int, profiles: Sequence[Profile], volume: Volume
) -> list[Usage]:
    """A day's usage, as reported in this version of the day."""
    chance, drift = dice(seed, "spend", day), dice(seed, "restated", day, version)
    return [
        _usage(
            midnight(day), profiles[row % volume.profiles], row // volume.profiles, chance, drift
        )
        for row in range(volume.rows)
    ]


def _usage(start: datetime, profile: Profile, turn: int, chance: Random, drift: Random) -> Usage:
    spender = profile.spenders[(turn + profile.space.index) % len(profile.spenders)]
    correction = 0.9 + 0.2 * drift.random()
    scale = correction * 10 ** (2 * chance.random() - 1)
    return Usage(
        start + timedelta(minutes=int(min(1439, max(0, chance.gauss(840, 200))))),
        profile.space.id,
        spender.api_key_id,
        spender.account_id,
        spender.service_account_id,
        profile.model.name,
        profile.tier,
        profile.context,
        _geo(profile, spender, turn),
        "fast" if profile.model.fast and turn % 2 else "standard",
        tuple(1 + int(weight * scale * (0.5 + chance.random())) for weight in TOKEN_WEIGHTS),
        int(scale * 3) if spender.api_key_id and chance.random() < 0.2 else 0,
        spender.federated_subject,
        "message_batches_api" if profile.tier == BATCH else spender.product,
    )


def _geo(profile: Profile, spender: Spender, turn: int) -> str:
    if not profile.model.regional:
        return "not_available"
    return "us" if spender.service_account_id or turn % 3 else "global"
