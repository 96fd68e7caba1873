"""Digest and alerts: what they say, that mail and phone can show it, and when they are said."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from claude_admin_lake.analysis.report.now import Mover
from claude_admin_lake.errors import InvalidInput
from claude_admin_lake.reporter.alerts import alerts, unsent
from claude_admin_lake.reporter.digest import (
    WIDTH,
    alert_message,
    ascii_subject,
    digest_key,
    digest_of,
)
from claude_admin_lake.reporter.facts import Admin, Anomaly, Facts, Reconciled, Spending
from claude_admin_lake.reporter.kinds import Alert, Thresholds
from claude_admin_lake.reporter.settings import read_settings

DAY = date(2026, 11, 19)
LINKS = [("Report", "https://eu-west-1.console.aws.amazon.com/s3/object/a-lake?prefix=reports/")]


def usual(facts):
    return alerts(facts, Thresholds(), names_people=False)


def spent(name="Search", week="300", before="100", kind="workspace"):
    return Spending(kind, f"id-{name}", name, Decimal(week), Decimal(before) if before else None)


FACTS = Facts(
    organization="main", day=DAY, yesterday=Decimal("41.5"), week=Decimal(1000),
    week_before=Decimal(800), month=Decimal("1234.5"), month_before=Decimal(1000),
    spending=(spent(), spent("Ads", "10", "40"), spent("Data", "5", "5"), spent("m", kind="model")),
    movers=(Mover("Search", "+$200.00", "from $100.00 to $300.00, mostly more tokens"),),
    hit_share=0.5, hit_share_before=0.55, people=7, sessions=31,
    admins=(Admin("u1", "Ada Lovelace", DAY, "admin"),),
)  # fmt: skip
PEAK, SMALL = Anomaly("w1", "Search", DAY, Decimal(250), Decimal(50)), Decimal(149)
OFF = Reconciled(DAY - timedelta(days=9), DAY - timedelta(days=3), Decimal(4999), Decimal(100))
EVEN, NONE, FEW = Decimal(5000), Decimal(0), Decimal("99.99")
UNUSUAL = usual(FACTS)


def test_a_digest_reads_like_a_letter():
    told = digest_of(FACTS, UNUSUAL, LINKS)
    assert told.subject == "Claude at main: $1,234.50 this month"
    assert told.text == (
        "Thursday, Nov 19, cost $41.50. The month has cost $1,234.50\n"
        "so far; the same days of last month cost $1,000.00. The last\n"
        "7 days cost $1,000.00, 25% more than the 7 days before.\n"
        "\n"
        "What moved most in the last whole week, by workspace:\n"
        "- Search: +$200.00, from $100.00 to $300.00, mostly more\n"
        "  tokens\n"
        "\n"
        "Claude Code: 7 people in 31 sessions in the last 7 days.\n"
        "\n"
        "Unusual:\n"
        "- Workspace Search spent $300.00 in 7 days.\n"
        "- Somebody became admin of the organization.\n"
        "\n"
        "All tables are current.\n"
        "\n"
        "Report: https://eu-west-1.console.aws.amazon.com/s3/object/a-lake?prefix=reports/\n"
    )


ODD = "Prod\n\tcost €uro – Ünïcode " + "x" * 200


@pytest.mark.parametrize("name", ["Search", ODD, "日本", "a b " * 60])
def test_every_message_fits_a_phone_and_its_subject_is_what_sns_takes(name):
    jump = spent(name, "9000")
    movers = (Mover(name, "+$1.00", "from $0.00 to $1.00, mostly more tokens"),)
    facts = replace(FACTS, organization=name, spending=(jump,), movers=movers, late=("users",) * 20)
    found = alerts(facts, Thresholds(), names_people=True)
    for one in [
        digest_of(facts, found, LINKS),
        *(alert_message(one, facts, LINKS) for one in found),
    ]:
        assert one.subject.isascii()
        assert one.subject.isprintable()
        assert 0 < len(one.subject) < 100
        lines = [line for line in one.text.splitlines() if not line.startswith("Report: ")]
        assert max(len(line) for line in lines) <= max(WIDTH, max(map(len, name.split())) + 25)
        assert one.for_chat() == {"text": f"{one.subject}\n\n{one.text}"}


def all_messages(facts, found):
    return [digest_of(facts, found, LINKS), *(alert_message(one, facts, LINKS) for one in found)]


@pytest.mark.parametrize(
    ("week", "before", "said"),
    [
        ("700", "700", "cost $700.00, as much as the 7 days before."),
        ("700", "0", "cost $700.00, and the 7 days before nothing."),
        ("0", "0", "cost $0.00, as much as the 7 days before."),
        ("7", "14", "cost $7.00, 50% less than the 7 days before."),
    ],
)
def test_a_week_is_compared_with_the_one_before(week, before, said):
    told = digest_of(replace(FACTS, week=Decimal(week), week_before=Decimal(before)), [], LINKS)
    assert said in " ".join(told.text.split())


def test_a_week_without_cost_has_no_model_that_dominates():
    none = replace(FACTS, week=Decimal(0), spending=(spent("m", "0", "100", "model"),))
    assert alerts(none, Thresholds(least=Decimal(0)), names_people=False) is not None


def test_subjects_keep_what_ascii_can_say():
    assert ascii_subject("Café −$3\r\nBcc: x") == "Cafe -$3 Bcc: x"


def test_people_are_named_only_if_wanted():
    named = alerts(FACTS, Thresholds(), names_people=True)[-1]
    assert named.title == "Ada Lovelace became admin of the organization"
    texts = [
        digest_of(FACTS, UNUSUAL, LINKS),
        *(alert_message(one, FACTS, LINKS) for one in UNUSUAL),
    ]
    assert not [one for one in texts if "Ada" in one.subject + one.text]


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        (replace(FACTS, admins=()), ["jump/workspace/id-Search/2026-W47"]),
        (replace(FACTS, admins=(), spending=(spent(week="199"),)), []),
        (replace(FACTS, admins=(), spending=(spent(week="500", before="300"),)), []),
        (replace(FACTS, admins=(), spending=(spent(before=None),)), []),
        (replace(FACTS, admins=(), spending=(spent(kind="key"),)), ["jump/key/id-Search/2026-W47"]),
        (replace(FACTS, admins=(), spending=(), hit_share=0.3), ["cache/2026-W47"]),
        (replace(FACTS, admins=(), spending=(), hit_share=0.3, hit_share_before=None), []),
        (replace(FACTS, admins=(), spending=(), hit_share=0.3, week=Decimal(9)), []),
        (
            replace(FACTS, admins=(), spending=(spent("opus", "950", "400", "model"),)),
            ["model/id-opus/2026-W47"],
        ),
        (replace(FACTS, admins=(), spending=(spent("opus", "950", "790", "model"),)), []),
        (replace(FACTS, admins=(), spending=(), anomalies=(PEAK,)), [f"anomaly/w1/{DAY}"]),
        (replace(FACTS, admins=(), spending=(), anomalies=(replace(PEAK, cost=SMALL),)), []),
        (replace(FACTS, admins=(), spending=(), reconciled=OFF), ["reconciliation/2026-W47"]),
        (replace(FACTS, admins=(), spending=(), reconciled=replace(OFF, expected=EVEN)), []),
        (
            replace(FACTS, admins=(), spending=(), reconciled=replace(OFF, unexplained=FEW)),
            [],
        ),
        (replace(FACTS, admins=(), spending=(), reconciled=replace(OFF, expected=NONE)), []),
        (replace(FACTS, spending=()), [f"admin/u1/{DAY}"]),
    ],
)
def test_an_alert_needs_a_large_change(facts, keys):
    assert [one.key for one in alerts(facts, Thresholds(), names_people=False)] == keys


def test_the_default_workspace_is_watched_like_the_others():
    jumped = Spending("workspace", "default", "Default workspace", Decimal(300), Decimal(100))
    peak = replace(PEAK, identity="default", name="Default workspace")
    found = usual(replace(FACTS, admins=(), spending=(jumped,), anomalies=(peak,)))
    assert {one.title.split(" spent")[0].split(" cost")[0] for one in found} == {jumped.name}
    assert {one.key.split("/")[0] for one in found} == {"jump", "anomaly"}


def test_an_alert_about_the_reconciliation_names_the_week_and_what_to_do():
    (found,) = usual(replace(FACTS, admins=(), spending=(), reconciled=OFF))
    assert found.title == "Reconciliation out of tolerance: $100.00 unexplained"
    assert found.detail.startswith("From 2026-11-10 to 2026-11-16, usage times price is $4,999.00")
    assert "claude-admin-lake prices set" in found.action


def test_each_alert_is_told_once_a_week():
    found = [Alert("a", "", "", ""), Alert("b", "", "", "")]
    assert unsent(found, ["a"]) == [found[1]]
    assert unsent(found, ["a", "b"]) == []
    later = usual(replace(FACTS, day=DAY + timedelta(days=1)))
    assert unsent(later, [one.key for one in UNUSUAL]) == []
    next_week = alerts(
        replace(FACTS, day=DAY + timedelta(days=7)), Thresholds(), names_people=False
    )
    assert [one.key for one in unsent(next_week, [one.key for one in UNUSUAL])] == [
        "jump/workspace/id-Search/2026-W48"
    ]


def test_every_alert_says_what_to_do():
    assert all(one.action and one.detail for one in UNUSUAL)


def test_a_weekly_digest_follows_each_sunday_even_if_a_load_is_late():
    keys = [digest_key("weekly", date(2026, 11, day)) for day in range(14, 24)]
    assert keys == ["digest/2026-11-08", *["digest/2026-11-15"] * 7, *["digest/2026-11-22"] * 2]
    assert digest_key("daily", DAY) == "digest/2026-11-19"
    assert digest_key("never", DAY) is None


def ordinary_days(chance, days):
    """A thing's spend by day: a weekly rhythm, a slow trend and noise."""
    size, trend = chance.lognormvariate(3, 1.5), chance.gauss(0, 0.01)
    for n in range(days):
        rhythm = 0.35 if n % 7 > 4 else 1
        yield Decimal(size * rhythm * (1 + trend) ** n * chance.lognormvariate(0, 0.35))


def month_of(chance):
    """Facts of thirty days of an ordinary organization, day by day."""
    things = {f"w{n}": list(ordinary_days(chance, 44)) for n in range(12)}
    for at in range(14, 44):
        spending = tuple(
            Spending("workspace", name, name, sum(days[at - 7 : at]), sum(days[at - 14 : at - 7]))
            for name, days in things.items()
        )
        week = sum((one.week for one in spending), Decimal(0))
        hits = [0.6 + chance.gauss(0, 0.03) for _ in range(2)]
        yield Facts(
            organization="o", day=date(2026, 1, 1) + timedelta(days=at), week=week,
            week_before=sum((one.before for one in spending), Decimal(0)), spending=spending,
            hit_share=hits[0], hit_share_before=hits[1],
        )  # fmt: skip


def test_ordinary_months_are_quiet():
    """docs/reports.md has the number."""
    chance, false = random.Random(18), 0
    for _ in range(200):
        false += len({one.key for facts in month_of(chance) for one in usual(facts)})
    assert false == 15


VALUES = {"LAKE_BUCKET": "b", "DIGEST_TOPIC_ARN": "arn:t", "ALERT_JUMP_PERCENT": "250"}


def test_settings_have_defaults_and_thresholds():
    settings = read_settings({**VALUES, "DIGEST": "daily", "WEBHOOK_SECRET_ID": ""})
    assert settings.thresholds.jump == 2.5
    assert (settings.digest, settings.webhook_secret) == ("daily", "")
    assert settings.names_people is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGEST", "hourly"),
        ("ALERT_JUMP_PERCENT", "0"),
        ("DIGEST_NAMES_PEOPLE", "x"),
        ("LAKE_BUCKET", ""),
    ],
)
def test_a_wrong_setting_is_named(name, value):
    with pytest.raises(InvalidInput, match=name):
        read_settings({**VALUES, name: value})
