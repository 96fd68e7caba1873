"""The reporter and the widgets as Lambda calls them, on S3, SNS and Secrets Manager (moto)."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

from claude_admin_lake.errors import InvalidInput, LoaderError
from claude_admin_lake.reporter import app, telling
from claude_admin_lake.reporter import widgets as widgets_function
from claude_admin_lake.reporter.webhook import WebhookFailed
from hand_made import TODAY, HandMade, coding, cost, usage, workspace

EVENT = {
    "source": "claude-admin-lake",
    "detail-type": "Lake Loaded",
    "detail": {"organization": "main", "status": "complete"},
}


@pytest.fixture
def account(monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        s3, sqs, sns = (boto3.client(one) for one in ("s3", "sqs", "sns"))
        s3.create_bucket(Bucket="a-lake")
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        topic = sns.create_topic(Name="digest")["TopicArn"]
        sns.subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:q"
        )
        secret = boto3.client("secretsmanager").create_secret(Name="hook", SecretString="https://h")
        for name, value in {
            "LAKE_BUCKET": "a-lake", "LAKE_PREFIX": "lake/", "DIGEST_TOPIC_ARN": topic,
            "DIGEST": "daily", "PAGE_URL": "https://console/", "WEBHOOK_SECRET_ID": "",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        clock = SimpleNamespace(
            now=lambda: datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
        )
        monkeypatch.setattr(app, "SystemClock", lambda: clock)
        yield SimpleNamespace(s3=s3, sqs=sqs, queue=queue, secret=secret["ARN"])


@pytest.fixture
def lake(account, tmp_path):
    hand = HandMade(tmp_path / "lake")
    hand.snapshot("workspaces", "2026-11-19", [workspace("Search", id="w1")])
    for day in range(1, 20):
        amount = "9000" if day > 15 else "1000"
        hand.day("cost_report", f"2026-11-{day:02}", [cost(amount, workspace_id="w1")])
        hand.day("usage_report", f"2026-11-{day:02}", [usage(7, workspace_id="w1")])
    hand.day("claude_code_usage", "2026-11-19", [coding()])
    for file in hand.folder.rglob("*.gz"):
        account.s3.upload_file(str(file), "a-lake", f"lake/{file.relative_to(hand.folder)}")
    return account


def mails(account):
    found = account.sqs.receive_message(QueueUrl=account.queue, MaxNumberOfMessages=10)
    return [json.loads(one["Body"]) for one in found.get("Messages", [])]


def stored(account):
    found = account.s3.list_objects_v2(Bucket="a-lake", Prefix="reports/")
    return [one["Key"] for one in found["Contents"]]


def test_a_loaded_lake_becomes_a_page_pieces_a_digest_and_an_alert(lake):
    answer = app.lambda_handler(EVENT)
    assert stored(lake) == [
        "reports/main/report.html", "reports/main/told.json",
        "reports/main/widgets/claude-code.html", "reports/main/widgets/now.html",
        "reports/main/widgets/spend.html",
    ]  # fmt: skip
    found = lake.s3.get_object(Bucket="a-lake", Key="reports/main/report.html")
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert b"Biggest movers" in found["Body"].read()
    subjects = [one["Subject"] for one in mails(lake)]
    assert subjects == [
        "Claude at main: Workspace Search spent $390.00 in 7 days",
        "Claude at main: API key k1 spent $390.00 in 7 days",
        "Claude at main: $510.00 this month",
    ]
    assert len(answer["sent"]) == 3


def test_the_same_load_tells_nothing_twice(lake):
    app.lambda_handler(EVENT)
    mails(lake)
    assert app.lambda_handler(EVENT)["sent"] == []
    assert mails(lake) == []


def test_a_budget_that_is_crossed_is_told_once(lake):
    line = {"organization": "main", "scope": "organization", "amount_usd": "500"}
    other = line | {"organization": "research", "amount_usd": "1"}
    body = "".join(json.dumps(one) + "\n" for one in (line, other)).encode()
    lake.s3.put_object(Bucket="a-lake", Key="lake/budgets/budgets.jsonl", Body=body)
    app.lambda_handler(EVENT)
    assert [one["Subject"] for one in mails(lake) if "budget" in one["Subject"]] == [
        "Claude at main: The organization has used $510.00 of a budget of $500.00"
    ]
    assert app.lambda_handler(EVENT)["sent"] == []


def test_no_digest_if_none_is_wanted(lake, monkeypatch):
    monkeypatch.setenv("DIGEST", "never")
    app.lambda_handler(EVENT)
    assert all("this month" not in one["Subject"] for one in mails(lake))


def test_a_webhook_that_refuses_holds_no_mail_back_and_gets_its_messages_later(lake, monkeypatch):
    posted, is_refusing = [], True

    def chat(url, message):
        posted.append((url, message["text"]))
        if is_refusing:
            raise WebhookFailed("the webhook answered 500; must be 2xx")

    monkeypatch.setenv("WEBHOOK_SECRET_ID", lake.secret)
    monkeypatch.setattr(telling, "post", chat)
    for _ in range(2):
        with pytest.raises(WebhookFailed):
            app.lambda_handler(EVENT)
    assert len(mails(lake)) == 3
    assert posted[:3] == posted[3:]
    assert {url for url, _ in posted} == {"https://h"}
    is_refusing = False
    for _ in range(2):
        assert app.lambda_handler(EVENT)["sent"] == []
    assert posted[6:] == posted[:3]
    assert mails(lake) == []


def test_a_webhook_secret_that_cannot_be_read_holds_no_mail_back(lake, monkeypatch):
    monkeypatch.setenv("WEBHOOK_SECRET_ID", "gone")
    with pytest.raises(LoaderError, match="read the webhook's secret"):
        app.lambda_handler(EVENT)
    assert len(mails(lake)) == 3


def test_a_mail_that_fails_is_tried_again_without_repeating_those_before(lake, monkeypatch):
    outside, sent = app.Outside, []
    real = outside.mail

    def second_fails(self, subject, text):
        sent.append(subject)
        if len(sent) == 2:
            raise LoaderError("the topic is gone")
        real(self, subject, text)

    monkeypatch.setattr(outside, "mail", second_fails)
    with pytest.raises(LoaderError, match="topic"):
        app.lambda_handler(EVENT)
    app.lambda_handler(EVENT)
    assert sent[1] == sent[2]
    assert len(mails(lake)) == len(set(sent)) == 3


@pytest.mark.parametrize("event", [{}, {"detail": {}}, {"detail": {"organization": "../x"}}])
def test_an_event_without_an_organization_is_refused(account, event):
    with pytest.raises(InvalidInput, match="detail"):
        app.lambda_handler(event)


def shown(**event):
    return widgets_function.lambda_handler(event)


def test_a_dashboard_gets_a_stored_piece_in_its_theme(lake):
    app.lambda_handler(EVENT)
    for widget in ("now", "spend", "claude-code"):
        for theme in ("light", "dark"):
            html = shown(organization="main", widget=widget, widgetContext={"theme": theme})
            assert html.startswith(f'<div class="lake {theme}">')
            assert not re.search(r"<(script|use|iframe|form|input)\b| on[a-z]+=|https?:", html)
            assert len(html) < 30_000
    assert "Month to date" in shown()
    assert "<svg" in shown(widget="spend")


def test_a_dashboard_without_a_report_says_so(account):
    assert "There is no report yet" in shown(organization="main", widget="now")


def test_a_widget_explains_itself_and_reads_nothing_else(account):
    account.s3.put_object(Bucket="a-lake", Key="secret/widgets/now.html", Body=b"secret")
    for event in ({"describe": True}, {"organization": "../secret"}, {"widget": "../told"}):
        assert "```yaml" in shown(**event)["markdown"]


def test_a_dashboard_of_several_organizations_has_a_button_for_each(account, monkeypatch):
    monkeypatch.setenv("ORGANIZATIONS", "main,research")
    key = "reports/research/widgets/spend.html"
    account.s3.put_object(Bucket="a-lake", Key=key, Body=b"<p>Of research</p>")
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:widgets"
    html = widgets_function.lambda_handler(
        {"widget": "spend"}, SimpleNamespace(invoked_function_arn=arn)
    )
    assert '<b>main</b> <a class="btn">research</a><cwdb-action' in html
    (call,) = re.findall(r'action="call" display="widget" endpoint="(.+?)">(.+?)</cwdb', html)
    assert call[0] == arn
    assert "Of research" in shown(**json.loads(call[1]))


def test_the_widgets_function_imports_no_database():
    code = (
        "import sys, claude_admin_lake.reporter.widgets\n"
        "print({'duckdb', 'jinja2', 'sqlglot', 'msgspec', 'requests'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
