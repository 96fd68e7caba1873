import json
import traceback

import pytest

from claude_admin_lake.errors import CredentialError, NotOffered, scrub
from claude_admin_lake.source.accounts import (
    Account,
    Credential,
    Federation,
    SecretLocation,
    read_account,
)
from claude_admin_lake.source.credential import ADVICE, CredentialSource
from claude_admin_lake.tables import Key

ADMIN = "sk-ant-admin01-AbCdEf_0123456789-xyz"
OAUTH = "sk-ant-oat01-AbCdEf_0123456789-xyz"
PERSONAL = "sk-ant-api03-AbCdEf_0123456789-xyz"


def parse_credential(name, text):
    return read_account(SecretLocation(name=name, advice=ADVICE), text).api_key


@pytest.mark.parametrize("key", [ADMIN, OAUTH, PERSONAL])
@pytest.mark.parametrize(
    "text",
    ["{}", " {}\n", '{{"api_key": "{}"}}', '\n{{"api_key": " {} ", "user": "x"}}'],
    ids=["bare", "blanks", "JSON", "JSON with more"],
)
def test_a_credential_is_the_bare_key_or_json_with_api_key(key, text):
    assert parse_credential("s", text.format(key)).secret == key


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (ADMIN, {"x-api-key": ADMIN}),
        (PERSONAL, {"x-api-key": PERSONAL}),
        (OAUTH, {"Authorization": f"Bearer {OAUTH}"}),
    ],
)
def test_keys_go_in_a_header_of_their_own_and_tokens_as_bearer(key, headers):
    assert Credential(key).headers == headers


NO_CREDENTIALS = [
    "", "  \n", "{}", '{"api_key": ""}', '{"api_key": null}', '{"api_key": 5}',
    '{"key": "' + ADMIN + '"}', '{"api_key": "' + ADMIN, "[]", '["' + ADMIN + '"]',
    "replace-me", "REPLACE_ME", "sk-ant-admin01-REPLACE-ME", "sk-ant-admin01-your-key-here",
    "sk-ant-admin01-placeholder", "sk-ant-admin...", "changeme", "sk-ant-", "sk-live-1234567890",
    f'"{ADMIN}"', f"{ADMIN} {ADMIN}", f"{ADMIN}\nx-evil: 1", f"Bearer {OAUTH}", "ключ",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_CREDENTIALS)
def test_what_is_none_is_refused_before_any_request_with_advice_and_without_the_text(text):
    with pytest.raises(CredentialError) as caught:
        parse_credential("the secret 'admin-key'", text)
    told = "".join(traceback.format_exception(caught.value))
    assert "the secret 'admin-key'" in str(caught.value)
    assert "sk-ant-admin..." in str(caught.value)
    assert ADMIN not in told
    assert OAUTH not in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f'"{ADMIN}"', "has quotation marks around the key"),
        (f"'{ADMIN}'", "has quotation marks around the key"),
        (f"“{ADMIN}”", "has quotation marks around the key"),
        (json.dumps({"api_key": f'"{ADMIN}"'}), "has quotation marks around the key"),
        (json.dumps({"enterprise_key": f"{PERSONAL}'"}), "(in enterprise_key)"),
        (f"{ADMIN[:20]}\n{ADMIN[20:]}", "has a line end inside the key"),
        (f"{ADMIN}\r\n{ADMIN}", "has a line end inside the key"),
        (f"{ADMIN}\\n", "has a line end inside the key"),
        (f"Bearer {OAUTH}", "has a whole header; store only the key"),
        (f"x-api-key: {ADMIN}", "has a whole header; store only the key"),
        ("ABSKQmVkcm9ja0FQSUtleS0xMjM0NTY3ODkw", "holds an Amazon Bedrock API key"),
        ("bedrock-api-key-YmVkcm9jay5hbWF6b25hd3M", "holds an Amazon Bedrock API key"),
        ("AKIA" + "Q" * 16, "holds an AWS access key"),
        ("sk-ant-ort01-AbCdEf_0123456789", "holds an OAuth refresh token"),
        ("sk-ant-sid01-AbCdEf_0123456789", "holds the session of a browser"),
        ("sk-ant-admin01-replace-me", "holds a placeholder"),
    ],
)
def test_what_cannot_be_right_is_told_by_its_look_and_not_repeated(text, sentence):
    with pytest.raises(CredentialError) as caught:
        parse_credential("the secret 's'", text)
    told = str(caught.value)
    assert sentence in told
    assert not any(part in told for part in (ADMIN[:20], OAUTH, PERSONAL, "0123456789", "Q" * 16))


@pytest.mark.parametrize("secret", ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhcm4ifQ.c2lnbmF0dXJl",
                                    "ABSKQmVkcm9ja0FQSUtleS0xMjM0NTY3ODkw"])  # fmt: skip
def test_scrubbing_removes_assertions_and_keys_of_bedrock(secret):
    assert scrub(f"refused {secret}, sorry") == "refused [secret], sorry"


def test_no_representation_holds_the_secret():
    source = CredentialSource("s", lambda: ADMIN)
    assert ADMIN not in f"{source.current()!r} {source.current()} {source!r} {[source.current()]}"


@pytest.mark.parametrize("key", [ADMIN, OAUTH, PERSONAL])
def test_scrubbing_removes_anything_that_looks_like_a_key(key):
    text = json.dumps({"message": f"invalid x-api-key {key}", "key": key})
    assert key not in scrub(text)
    assert scrub(text).count("[secret]") == 2
    assert "invalid x-api-key" in scrub(text)


def test_text_without_keys_stays():
    assert scrub("workspace wrkspc_01 was not found") == "workspace wrkspc_01 was not found"


class Store:
    """A secret store that is asked."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = list(texts), 0

    def read(self) -> str:
        self.asked += 1
        return self.texts[min(self.asked, len(self.texts)) - 1]


def test_the_secret_is_read_once():
    store = Store(ADMIN)
    source = CredentialSource("s", store.read)
    assert source.current() == source.current() == Credential(ADMIN)
    assert store.asked == 1


def test_nothing_is_read_before_it_is_needed():
    store = Store(ADMIN)
    CredentialSource("s", store.read)
    assert store.asked == 0


def test_a_rotated_secret_is_found_by_reading_again_and_is_kept():
    store = Store(ADMIN, PERSONAL)
    source = CredentialSource("s", store.read)
    assert source.renew(source.current())
    assert source.current() == Credential(PERSONAL)
    assert store.asked == 2


def test_a_secret_that_is_still_the_same_is_not_renewed():
    source = CredentialSource("s", lambda: ADMIN)
    assert not source.renew(source.current())


def test_a_kept_text_saves_the_first_reading_only():
    store = Store(PERSONAL)
    source = CredentialSource("s", store.read)
    source.keep(ADMIN)
    assert source.current() == Credential(ADMIN)
    assert source.renew(source.current())
    assert source.current() == Credential(PERSONAL)


def test_a_kept_text_that_is_no_credential_is_forgotten():
    store = Store(ADMIN)
    source = CredentialSource("s", store.read)
    source.keep("replace-me")
    assert source.current() == Credential(ADMIN)


def read(entry, **place):
    return read_account(SecretLocation(name="s", advice=ADVICE, **place), json.dumps(entry))


def test_an_organization_may_have_either_key_or_both():
    enterprise = "sk-ant-api03-enterprise"
    assert read({"api_key": ADMIN}) == Account(Credential(ADMIN))
    assert read({"enterprise_key": enterprise}) == Account(None, Credential(enterprise))
    both = read({"api_key": ADMIN, "enterprise_key": enterprise})
    assert both == Account(Credential(ADMIN), Credential(enterprise))


FEDERATION = {
    "federation_rule_id": "r",
    "federation_organization_id": "o",
    "federation_service_account_id": "a",
}


def test_each_organization_has_an_entry_of_its_own():
    document = {"organizations": {"a": {"api_key": ADMIN}, "b": FEDERATION}}
    names = ("a", "b")
    assert read(document, organization="a", organizations=names) == Account(Credential(ADMIN))
    federated = read(document, organization="b", organizations=names)
    assert federated == Account(federation=Federation("r", "o", "a"))
    assert read(document, organization="a", organizations=("a",)) == Account(Credential(ADMIN))


@pytest.mark.parametrize("missing", FEDERATION)
def test_federation_needs_all_of_its_fields(missing):
    entry = {name: value for name, value in FEDERATION.items() if name != missing}
    with pytest.raises(CredentialError, match="must have all of federation_rule_id"):
        read(entry)


def test_federation_and_a_key_are_refused():
    with pytest.raises(CredentialError, match="and no api_key"):
        read({**FEDERATION, "api_key": ADMIN})


@pytest.mark.parametrize("shared", ["api_key", "enterprise_key"])
def test_the_same_key_for_two_names_is_refused_and_not_repeated(shared):
    accounts = {"a": {"api_key": ADMIN}, "b": {shared: ADMIN}}
    with pytest.raises(CredentialError, match="the same key for 'b' and 'a'") as caught:
        read({"organizations": accounts}, organization="b", organizations=("a", "b"))
    assert ADMIN not in str(caught.value)


def test_other_names_that_share_a_key_do_no_harm():
    accounts = {"a": {"api_key": OAUTH}, "b": {"api_key": ADMIN}, "c": {"api_key": ADMIN}}
    found = read({"organizations": accounts}, organization="a", organizations=("a", "b", "c"))
    assert found == Account(Credential(OAUTH))


def test_a_credential_that_cannot_be_sent_yet_is_refused_when_it_is_used():
    source = CredentialSource("s", lambda: json.dumps(FEDERATION))
    source.account()
    with pytest.raises(CredentialError, match="s has"):
        source.current()


ENTERPRISE = "sk-ant-api01-enterprise"


@pytest.mark.parametrize(
    ("entry", "keys", "used"),
    [
        ({"api_key": ADMIN}, (Key.API,), ADMIN),
        ({"api_key": ADMIN, "enterprise_key": ENTERPRISE}, (Key.ENTERPRISE,), ENTERPRISE),
        ({"api_key": ADMIN, "enterprise_key": ENTERPRISE}, (Key.API, Key.ENTERPRISE), ADMIN),
        ({"enterprise_key": ENTERPRISE}, (Key.API, Key.ENTERPRISE), ENTERPRISE),
        ({"api_key": OAUTH}, (Key.OAUTH,), OAUTH),
        ({"api_key": OAUTH}, (Key.API,), OAUTH),
    ],
)
def test_an_endpoint_gets_the_credential_that_it_prefers_of_those_there_are(entry, keys, used):
    assert CredentialSource("s", lambda: json.dumps(entry)).current(keys).secret == used


@pytest.mark.parametrize(
    ("entry", "keys", "missing"),
    [
        ({"api_key": ADMIN}, (Key.ENTERPRISE,), "no enterprise_key"),
        ({"api_key": ADMIN}, (Key.OAUTH,), "no OAuth token"),
        ({"enterprise_key": ENTERPRISE}, (Key.API,), "no api_key"),
    ],
)
def test_a_key_that_is_missing_is_told_from_a_missing_credential(entry, keys, missing):
    source = CredentialSource("s", lambda: json.dumps(entry))
    with pytest.raises(NotOffered, match=missing):
        source.current(keys)


@pytest.mark.parametrize("text", ["", " ", '{"api_key": ""}', '{"enterprise_key": ""}', "{}"])
@pytest.mark.parametrize("keys", [(Key.API,), (Key.ENTERPRISE,), (Key.OAUTH,)])
def test_an_empty_secret_is_never_taken_for_a_table_that_is_not_offered(text, keys):
    with pytest.raises(CredentialError):
        CredentialSource("s", lambda: text).current(keys)


def test_of_several_organizations_the_one_is_named():
    source = CredentialSource("the secret 's'", str, organization="b", organizations=("a", "b"))
    assert source.name == "the secret 's', organization 'b',"
