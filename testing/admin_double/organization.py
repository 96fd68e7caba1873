"""A realistic organization, determined by its seed, the day and the day's age."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from math import ceil
from uuid import UUID

from admin_double import coding, ledger, people, prices, reports, rhythm, spaces, spend
from admin_double.chance import dice
from admin_double.wire import Record

USUAL_KEYS = 3
RECORDS_A_CODER = 1.6


@dataclass(frozen=True, kw_only=True)
class Organization:
    """Everything that there is to report. Knows neither HTTP nor the current time.

    `claude_code_records_per_day`, `report_rows_per_day` and `activities_per_day` set the exact
    size of every day. Without them, it depends on the weekday and grows over time.
    """

    seed: int = 1
    users: int = 40
    workspaces: int = 6
    first_day: date = date(2026, 3, 1)
    claude_code_records_per_day: int | None = None
    report_rows_per_day: int | None = None
    activities_per_day: int | None = None

    def __post_init__(self) -> None:
        if self.users < 1 or self.workspaces < 1:
            message = "an organization must have at least one user and one workspace"
            raise ValueError(message)

    @cached_property
    def id(self) -> str:
        return str(UUID(int=dice(self.seed, "organization").getrandbits(128), version=4))

    def record(self) -> Record:
        return {"id": self.id, "type": "organization", "name": 'Example "Labs" GmbH & Söhne'}

    @cached_property
    def all_spaces(self) -> list[spaces.Space]:
        """All workspaces; the default workspace comes last."""
        made = spaces.workspaces(self.seed, self.workspaces, self.first_day)
        return [*made, spaces.default_space(self.first_day, self.workspaces)]

    def space(self, workspace_id: str) -> spaces.Space | None:
        """The workspace with this id, or None."""
        default = self.default_workspace_id
        named = {space.id or default: space for space in self.all_spaces}
        return named.get(workspace_id)

    @cached_property
    def service_accounts(self) -> list[tuple[spaces.Space, str]]:
        """Every service account, with the workspace that it works in."""
        return [
            (space, spaces.service_account_id(self.seed, space, place))
            for space in self.all_spaces
            for place in range(1, self._keys_per_space, 4)
        ]

    @cached_property
    def default_workspace_id(self) -> str:
        """The id of the default workspace, which only newer endpoints show."""
        return spaces.default_workspace_id(self.seed)

    def workspace_records(self, now: datetime) -> list[Record]:
        """All workspaces but the default one."""
        return [spaces.workspace_record(self.seed, space, now) for space in self.all_spaces[:-1]]

    def default_workspace_record(self, now: datetime) -> Record:
        """The default workspace."""
        return spaces.workspace_record(self.seed, self.all_spaces[-1], now)

    def member_records(self, workspace_id: str, now: datetime) -> list[Record] | None:
        """None if the workspace is unknown, or archived and without a member list."""
        if workspace_id == self.default_workspace_id:
            return []
        for space in self.all_spaces[:-1]:
            if space.id == workspace_id and not (space.members_gone and space.archived_by(now)):
                return people.members(self.seed, workspace_id, self.users)
        return None

    @cached_property
    def _keys_per_space(self) -> int:
        """Enough keys to give each row of an exactly sized day its own spender."""
        if self.report_rows_per_day is None:
            return USUAL_KEYS
        lasting = [space for space in self.all_spaces if space.archived is None]
        volume = spend.exact_volume(
            self.report_rows_per_day, len(lasting) * len(WAYS), len(self.all_spaces)
        )
        return max(USUAL_KEYS, ceil(volume.rows / volume.profiles) - 1)

    def api_key_records(self) -> list[Record]:
        return spaces.api_keys(self.seed, self.all_spaces, self._keys_per_space, self.users)

    def user_records(self) -> list[Record]:
        return people.users(self.seed, self.users, self.first_day)

    @cached_property
    def _indexes(self) -> dict[str, int]:
        return {people.user_id(self.seed, index): index for index in range(self.users)}

    def group_ids_of(self, user_id: str) -> tuple[str, ...]:
        """The groups that a user is a member of."""
        index = self._indexes.get(user_id)
        return () if index is None else people.group_ids(self.seed, index)

    def invite_records(self, now: datetime) -> list[Record]:
        return people.invites(self.seed, self.first_day, now)

    @cached_property
    def _profiles(self) -> list[spend.Profile]:
        spenders = {
            s.index: spaces.spenders(self.seed, s, self._keys_per_space, self.users)
            for s in self.all_spaces
        }
        made = [
            spend.Profile(space, spenders[space.index], *way)
            for space in self.all_spaces
            for way in WAYS
        ]
        dice(self.seed, "profiles").shuffle(made)
        return made

    def _spending(self, day: date) -> list[spaces.Space]:
        return [s for s in self.all_spaces if s.archived is None or day <= s.archived.date()]

    def usages(self, day: date, age: int = rhythm.FINAL_AGE) -> list[spend.Usage]:
        """The usage of a day, as reported when the day is this many days old."""
        if day < self.first_day:
            return []
        spending = {space.index for space in self._spending(day)}
        profiles = [profile for profile in self._profiles if profile.space.index in spending]
        version = rhythm.report_version(self.seed, day, age)
        return spend.usages(
            self.seed, day, version, profiles, self._volume(day, version, len(profiles))
        )

    def _volume(self, day: date, version: int, available: int) -> spend.Volume:
        if self.report_rows_per_day is not None:
            return spend.exact_volume(self.report_rows_per_day, available, len(self.all_spaces))
        busy = rhythm.activity(self.first_day, day) * rhythm.settled(version)
        return spend.natural_volume(ceil(10 * len(self.all_spaces) * busy), available)

    def ledger(self, day: date, age: int = rhythm.FINAL_AGE) -> list["ledger.LedgerLine"]:
        """All lines of spend of a day, from which the cost reports are summed."""
        if day < self.first_day:
            return []
        version = rhythm.report_version(self.seed, day, age)
        lines = [line for used in self.usages(day, age) for line in ledger.lines(used)]
        lines += ledger.extras(self.seed, day, version, self._spending(day))
        missing = (self.report_rows_per_day or 0) - reports.count_costs(lines)
        return [*lines, *ledger.padding(day, missing)]

    @cached_property
    def _team(self) -> coding.Team:
        keys = [key["name"] for key in self.api_key_records()[:: USUAL_KEYS * 2]]
        return coding.Team(self.seed, self.id, coding.coders(self.users, keys))

    def sessions(self, day: date, age: int = rhythm.FINAL_AGE) -> list[coding.CodingSession]:
        """A day's Claude Code records with their times."""
        if day < self.first_day:
            return []
        version = rhythm.coding_version(age)
        count = self.claude_code_records_per_day
        if count is None:
            busy = rhythm.activity(self.first_day, day) * (0.8 + 0.1 * version)
            count = ceil(self.users * RECORDS_A_CODER * busy)
        return coding.sessions(self._team, day, version, count)


WAYS = [
    (m, tier, context)
    for m in prices.MODELS
    for tier in (prices.STANDARD, prices.BATCH)
    for context in m.contexts
]
