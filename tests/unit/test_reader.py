"""From reads to pages, against an API that answers from a table of pages."""

import json
import threading
from contextlib import contextmanager

import pytest

from claude_admin_lake.errors import (
    BadAnswer,
    CredentialError,
    Forbidden,
    OutOfTime,
    RequestRefused,
    ServerTrouble,
    SliceError,
    TooLarge,
)
from claude_admin_lake.plan.read import Read
from claude_admin_lake.settings import Settings
from claude_admin_lake.source.api import Meter
from claude_admin_lake.source.prefetch import ahead
from claude_admin_lake.source.reader import Reader
from claude_admin_lake.tables import TABLES

from .fakes import BY_NAME, days

USERS, COST = "/v1/organizations/users", "/v1/organizations/cost_report"
WORKSPACES = "/v1/organizations/workspaces"


class FakeApi:
    """Answers each path with its pages in order; an exception among them is raised."""

    def __init__(self, **pages) -> None:
        self.pages = {path: list(answers) for path, answers in pages.items()}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.limits: list[int | None] = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def get(self, query, parse, meter, most_bytes=None):
        with self._counted():
            self.asked.append((query.path, dict(query.parameters)))
            self.limits.append(most_bytes)
            meter.requests += 1
            answer = self.pages[query.path].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return parse(json.dumps(answer).encode())

    @contextmanager
    def _counted(self):
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        yield
        with self._lock:
            self.at_once -= 1

    def tokens(self, path: str, parameter: str) -> list[str | None]:
        return [parameters.get(parameter) for asked, parameters in self.asked if asked == path]


def token_page(records, following=None):
    return {"data": records, "has_more": following is not None, "next_page": following}


def id_page(records, following=None):
    return {"data": records, "has_more": following is not None, "last_id": following or "z"}


def members_of(workspace: str) -> str:
    return f"{WORKSPACES}/{workspace}/members"


def reader_of(api, **settings) -> Reader:
    return Reader(api, Settings(**settings), {table.name: table for table in TABLES})


def fetched(api, *reads, reader=None):
    return list((reader or reader_of(api)).fetch(reads, Meter()))


def found(steps) -> list:
    """The records of all pages."""
    pages = (step.page for step in steps if step.page)
    return [json.loads(bytes(record)) for page in pages for record in page.records]


def read_of(name: str, first: str | None = None, last: str | None = None) -> Read:
    return Read(BY_NAME[name], days(first, last or first) if first else None)


class TestLargePages:
    """A page of so many days that a function's memory could not hold it."""

    def asked(self, api) -> list[str]:
        return [f"{one['starting_at'][5:10]}/{one['ending_at'][5:10]}" for _, one in api.asked]

    def test_days_that_are_too_much_are_asked_for_by_halves_and_the_next_read_too(self):
        pages = [token_page([n]) for n in range(8)]
        api = FakeApi(**{COST: [TooLarge("7 days"), TooLarge("4 days"), *pages]})
        reads = [
            read_of("cost_report", "2026-10-01", "2026-10-07"),
            read_of("cost_report", "2026-10-08", "2026-10-14"),
        ]
        steps = fetched(api, *reads)
        assert found(steps) == list(range(8))
        assert [step.read for step in steps if not step.page] == reads
        assert self.asked(api) == [
            "10-01/10-08", "10-01/10-05",
            "10-01/10-03", "10-03/10-05", "10-05/10-07", "10-07/10-08",
            "10-08/10-10", "10-10/10-12", "10-12/10-14", "10-14/10-15",
        ]  # fmt: skip

    def test_a_single_day_or_list_that_is_too_large_fails_alone(self):
        api = FakeApi(**{COST: [TooLarge("a day"), token_page([1])], USERS: [TooLarge("users")]})
        steps = fetched(
            api,
            read_of("cost_report", "2026-10-01"),
            read_of("cost_report", "2026-10-02"),
            read_of("users"),
        )
        assert [str(step.error) for step in steps if step.error] == ["a day", "users"]
        assert found(steps) == [1]

    def test_a_further_page_that_is_too_large_is_not_read_again_in_halves(self):
        """Its first pages are in use already: they would be stored twice."""
        api = FakeApi(**{COST: [token_page([1], "t"), TooLarge("page 2")]})
        steps = fetched(api, read_of("cost_report", "2026-10-01", "2026-10-02"))
        assert isinstance(steps[-1].error, SliceError)
        assert found(steps) == [1]
        assert len(api.asked) == 2

    def test_of_a_single_day_and_of_further_pages_only_the_memory_limits_the_size(self):
        api = FakeApi(**{COST: [token_page([1], "t"), token_page([2]), token_page([3])]})
        fetched(
            api,
            read_of("cost_report", "2026-10-01", "2026-10-02"),
            read_of("cost_report", "2026-10-03"),
        )
        first, *others = api.limits
        assert first
        assert others == [None, None]


class TestChains:
    def test_tokens_are_followed_to_the_end(self):
        api = FakeApi(**{COST: [token_page([1], "t1"), token_page([2], "t2"), token_page([3])]})
        steps = fetched(api, read_of("cost_report", "2026-11-01"))
        assert found(steps) == [1, 2, 3]
        assert api.tokens(COST, "page") == [None, "t1", "t2"]
        assert [step.page is None for step in steps] == [False, False, False, True]
        assert steps[-1].error is None

    def test_ids_are_followed_to_the_end(self):
        api = FakeApi(**{USERS: [id_page([1], "u1"), id_page([2])]})
        assert found(fetched(api, read_of("users"))) == [1, 2]
        assert api.tokens(USERS, "after_id") == [None, "u1"]

    def test_all_other_parameters_stay_as_they_were(self):
        api = FakeApi(**{COST: [token_page([], "t1"), token_page([])]})
        fetched(api, read_of("cost_report", "2026-11-01"))
        first, second = (parameters for _, parameters in api.asked)
        assert second == {**first, "page": "t1"}

    def test_an_empty_page_is_not_the_end(self):
        api = FakeApi(**{COST: [token_page([], "t1"), token_page([2])]})
        assert found(fetched(api, read_of("cost_report", "2026-11-01"))) == [2]

    @pytest.mark.parametrize("repeated", [["a", "a"], ["a", "b", "a"]])
    def test_a_token_seen_twice_is_an_error_and_no_endless_loop(self, repeated):
        api = FakeApi(**{COST: [token_page([1], token) for token in repeated]})
        steps = fetched(api, read_of("cost_report", "2026-11-01"))
        assert isinstance(steps[-1].error, BadAnswer)
        assert len(api.asked) == len(repeated)

    def test_an_id_seen_twice_is_an_error_too(self):
        api = FakeApi(**{USERS: [id_page([1], "a"), id_page([1], "a")]})
        assert isinstance(fetched(api, read_of("users"))[-1].error, BadAnswer)

    def test_the_same_token_in_another_read_is_no_repetition(self):
        api = FakeApi(**{COST: [token_page([1], "a"), token_page([2])] * 2})
        steps = fetched(
            api, read_of("cost_report", "2026-11-01"), read_of("cost_report", "2026-11-02")
        )
        assert found(steps) == [1, 2, 1, 2]

    @pytest.mark.parametrize("token", [None, ""])
    def test_a_missing_token_is_an_error(self, token):
        page = {"data": [1], "has_more": True, "next_page": token}
        steps = fetched(FakeApi(**{COST: [page]}), read_of("cost_report", "2026-11-01"))
        assert isinstance(steps[-1].error, BadAnswer)
        assert found(steps) == []


class TestErrors:
    READS = (read_of("cost_report", "2026-11-01"), read_of("cost_report", "2026-11-02"))

    @pytest.mark.parametrize(
        "error", [ServerTrouble("503"), RequestRefused("400", 400), BadAnswer("odd")]
    )
    def test_a_failed_read_ends_with_its_error_and_the_others_go_on(self, error):
        api = FakeApi(**{COST: [token_page([1], "t"), error, token_page([2])]})
        steps = fetched(api, *self.READS)
        first, second = ([step for step in steps if step.read == read] for read in self.READS)
        assert found(first) == [1]
        assert first[-1].error is error
        assert found(second) == [2]
        assert second[-1].error is None

    @pytest.mark.parametrize(
        "error", [Forbidden("403"), CredentialError("401"), OutOfTime("no time")]
    )
    def test_an_error_that_all_reads_would_have_ends_them(self, error):
        api = FakeApi(**{COST: [token_page([1], "t"), error, token_page([2])]})
        steps = fetched(api, *self.READS)
        assert steps[-1].error is error
        assert all(step.read == self.READS[0] for step in steps)
        assert len(api.asked) == 2

    def test_a_bug_is_not_taken_for_the_end(self):
        api = FakeApi(**{COST: [ZeroDivisionError()]})
        with pytest.raises(ZeroDivisionError):
            fetched(api, *self.READS)


ACTIVE = {"id": "active", "archived_at": None}
GONE = {"id": "gone", "archived_at": "2026-01-01T00:00:00Z"}


class TestParents:
    def api(self, *workspaces, **members) -> FakeApi:
        pages = {members_of(name): answers for name, answers in members.items()}
        return FakeApi(**{WORKSPACES: [id_page(list(workspaces))], **pages})

    def test_every_parent_s_listing_is_followed(self):
        api = self.api(ACTIVE, GONE, active=[id_page([1], "m1"), id_page([2])], gone=[id_page([3])])
        assert found(fetched(api, read_of("workspace_members"))) == [1, 2, 3]
        assert api.tokens(members_of("active"), "after_id") == [None, "m1"]

    def test_parents_read_before_are_not_asked_for_again(self):
        api = self.api(ACTIVE, active=[id_page([1])])
        reader = reader_of(api)
        parents = fetched(api, read_of("workspaces"), reader=reader)
        assert found(parents) == [ACTIVE]
        assert found(fetched(api, read_of("workspace_members"), reader=reader)) == [1]
        assert [path for path, _ in api.asked] == [WORKSPACES, members_of("active")]

    def test_parents_not_read_before_are_asked_for_archived_ones_too(self):
        api = self.api(ACTIVE, active=[id_page([1])])
        assert found(fetched(api, read_of("workspace_members"))) == [1]
        assert api.asked[0][1]["include_archived"] == "true"

    def test_parents_of_all_pages_are_known(self):
        api = self.api(active=[id_page([1])], gone=[id_page([2])])
        api.pages[WORKSPACES] = [id_page([ACTIVE], "active"), id_page([GONE])]
        assert found(fetched(api, read_of("workspace_members"))) == [1, 2]

    def test_parents_that_could_not_all_be_read_are_asked_for_again(self):
        api = self.api(active=[id_page([1])])
        api.pages[WORKSPACES] = [id_page([], "x"), ServerTrouble("503"), id_page([ACTIVE])]
        reader = reader_of(api)
        fetched(api, read_of("workspaces"), reader=reader)
        assert found(fetched(api, read_of("workspace_members"), reader=reader)) == [1]

    def test_no_parents_are_no_children(self):
        assert found(fetched(self.api(), read_of("workspace_members"))) == []

    @pytest.mark.parametrize("status", [400, 404])
    def test_an_archived_parent_may_have_no_listing_any_more(self, status):
        refused = RequestRefused("gone", status)
        api = self.api(GONE, ACTIVE, gone=[refused], active=[id_page([1])])
        steps = fetched(api, read_of("workspace_members"))
        assert found(steps) == [1]
        assert steps[-1].error is None

    @pytest.mark.parametrize(
        "error",
        [RequestRefused("none", 404), RequestRefused("odd", 400), Forbidden("403"),
         ServerTrouble("503")],
    )  # fmt: skip
    def test_an_active_parent_without_a_listing_is_an_error(self, error):
        api = self.api(ACTIVE, active=[error])
        assert fetched(api, read_of("workspace_members"))[-1].error is error

    @pytest.mark.parametrize("error", [RequestRefused("odd", 410), Forbidden("403"),
                                       ServerTrouble("503"), BadAnswer("odd")])  # fmt: skip
    def test_an_archived_parent_is_no_excuse_for_other_errors(self, error):
        api = self.api(GONE, gone=[error])
        assert fetched(api, read_of("workspace_members"))[-1].error is error

    @pytest.mark.parametrize("record", [{}, {"id": None}, {"id": 5}, {"id": ""}, 5, None])
    def test_a_parent_without_an_id_is_a_bad_answer(self, record):
        steps = fetched(self.api(record), read_of("workspace_members"))
        assert isinstance(steps[-1].error, BadAnswer)


class TestFetchingAhead:
    def test_the_next_page_is_fetched_while_one_is_in_use_and_no_more(self):
        pages = [token_page([n], f"t{n}") for n in range(30)] + [token_page([30])]
        api = FakeApi(**{COST: pages})
        reader, taken = reader_of(api), 0
        for step in reader.fetch([read_of("cost_report", "2026-11-01")], Meter()):
            taken += step.page is not None
            assert len(api.asked) <= taken + 1
        assert taken == 31
        assert api.most_at_once == 1

    def test_the_next_item_is_begun_before_the_last_is_given_back(self):
        begun = threading.Event()

        def items():
            yield 1
            begun.set()
            yield 2

        found = ahead(items())
        assert next(found) == 1
        assert begun.wait(5)
        assert list(found) == [2]

    def test_items_keep_their_order(self):
        assert list(ahead(iter(range(100)))) == list(range(100))

    def test_an_error_comes_where_its_item_would_have_been(self):
        def items():
            yield 1
            yield 2
            raise ServerTrouble("503")

        found = ahead(items())
        assert [next(found), next(found)] == [1, 2]
        with pytest.raises(ServerTrouble):
            next(found)

    def test_nothing_is_fetched_before_it_is_wanted(self):
        api = FakeApi()
        reader_of(api).fetch([read_of("users")], Meter())
        assert api.asked == []

    def test_a_reader_left_early_leaves_no_thread_behind(self):
        before = threading.active_count()
        found = ahead(iter(range(100)))
        next(found)
        found.close()
        assert threading.active_count() == before
