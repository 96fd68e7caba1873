"""The Admin credential of one organization, read on first use and re-read after a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from claude_admin_lake.errors import CredentialError, KeyRefused, NotOffered
from claude_admin_lake.tables import Key

from .accounts import NO_CREDENTIAL, Account, Credential, SecretLocation, read_account
from .kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .accounts import Federation

ADVICE = (
    "an organization admin creates an Admin API key (sk-ant-admin...) in the Claude Console "
    "under Settings > Admin keys"
)

_ENTERPRISE_ADVICE = (
    "the primary owner creates an Enterprise key with the scopes read:analytics, read:rbac_groups "
    "and read:members in claude.ai"
)


class Tokens(Protocol):
    """Exchanges the role's identity for access tokens."""

    def current(self, federation: Federation) -> Credential:
        """A valid token. Raises CredentialError if the API issues none."""

    def forget(self, federation: Federation) -> None:
        """Discard the token, so that the next request gets a new one."""


class CredentialSource:
    """Reads the credential once, and again after the API has refused it.

    `read` returns the text of the secret or raises CredentialError. `name` says where the secret
    is, and `remedy` how to replace it. `organizations` are all organizations that the secret must
    serve. `federation` is configured outside the secret; `tokens` exchanges it for access tokens.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], str],
        remedy: str = "",
        *,
        organization: str = "main",
        organizations: tuple[str, ...] = ("main",),
        federation: Mapping[str, str] | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        several = len(organizations) > 1
        self.name = f"{name}, organization {organization!r}," if several else name
        self.advice = f"{ADVICE}; {remedy}" if remedy else ADVICE
        self._read = read
        self._place = SecretLocation(
            name=name,
            advice=self.advice,
            organization=organization,
            organizations=organizations,
            federation=federation or {},
        )
        self._tokens = tokens
        self._account: Account | None = None

    def current(self, keys: tuple[Key, ...] = (Key.API,)) -> Credential:
        """The first of these credentials that the organization has.

        Raises NotOffered if it has none of them, and CredentialError if it has none at all.
        """
        account = self.account()
        for key in keys:
            if credential := self._credential(account, key):
                return credential
        raise NotOffered(f"{self.name} has no {' and no '.join(keys)}, which this table needs")

    def account(self) -> Account:
        """All credentials of the organization; raises CredentialError if there are none."""
        if self._account is None:
            self._account = read_account(self._place, self._read())
        return self._account

    def keep(self, text: str) -> None:
        """Start with a text that was read a few minutes ago, if it holds a credential."""
        try:
            self._account = read_account(self._place, text)
        except CredentialError:
            self._account = None

    def renew(self, refused: Credential, keys: tuple[Key, ...] = (Key.API,)) -> bool:
        """Re-read the secret or get a new token. Returns False if the credential is still the
        refused one."""
        if self._tokens and (federation := self.account().federation):
            self._tokens.forget(federation)
        self._account = None
        return self.current(keys).secret != refused.secret

    def kinds(self) -> dict[str, str]:
        """The kind of each credential, by the name of its field in the secret."""
        account = self.account()
        kinds = {
            Key.API.value: account.api_key and kind_of(account.api_key.secret),
            Key.ENTERPRISE.value: account.enterprise_key and kind_of(account.enterprise_key.secret),
            "federation": account.federation and f"the rule {account.federation.rule_id}",
        }
        return {"place": self.name} | {name: kind for name, kind in kinds.items() if kind}

    def is_enterprise(self, credential: Credential) -> bool:
        """Whether a credential is the Enterprise key."""
        key = self._account.enterprise_key if self._account else None
        return key is not None and key.secret == credential.secret

    def refusal(self, refused: Credential, answer: str) -> CredentialError | KeyRefused:
        """The error for a credential that the API still refuses after every attempt to renew it.

        KeyRefused for the Enterprise key: tables that do not need it can still be loaded.
        """
        if refused.exchanged:
            return CredentialError(
                f"the API refuses the token that it issued for {self.name} (401), and a second one"
                f" too; check the service account in the Claude Console. {answer}"
            )
        enterprise = self.is_enterprise(refused)
        name, advice = (
            (f"{Key.ENTERPRISE} in {self.name}", _ENTERPRISE_ADVICE)
            if enterprise
            else (f"key in {self.name}", self.advice)
        )
        text = (
            f"the API refuses the {name} (401): it is {kind_of(refused.secret)}, and may be"
            f" revoked, expired or bound to a workspace; {advice}. {answer}"
        )
        return KeyRefused(text) if enterprise else CredentialError(text)

    def _credential(self, account: Account, key: Key) -> Credential | None:
        if key is Key.ENTERPRISE:
            return account.enterprise_key
        if account.federation and self._tokens:
            return self._tokens.current(account.federation)
        if account.federation:
            raise self._place.refusal("has federation, for which a role on AWS is needed")
        api_key = account.api_key
        return api_key if key is Key.API or (api_key and api_key.is_token) else None


class Anonymous(CredentialSource):
    """Adds no credential, for requests whose body proves who sends them."""

    def __init__(self) -> None:
        super().__init__("nothing", str)

    def current(self, keys: tuple[Key, ...] = ()) -> Credential:  # noqa: ARG002 - whoever asks
        return NO_CREDENTIAL

    def renew(self, refused: Credential, keys: tuple[Key, ...] = ()) -> bool:  # noqa: ARG002
        return False

    def refusal(self, refused: Credential, answer: str) -> CredentialError:  # noqa: ARG002
        return CredentialError(answer)
