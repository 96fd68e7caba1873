"""The Admin credential of one organization: read when it is needed, and again after a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from claude_admin_lake.errors import CredentialError, KeyRefused, NotOffered
from claude_admin_lake.tables import Key

from .accounts import NO_CREDENTIAL, Account, Credential, Place, read_account
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
        """A token that is valid for a while; raises CredentialError if none is given."""

    def forget(self, federation: Federation) -> None:
        """Exchange anew at the next request."""


class CredentialSource:
    """Reads the credential once, and again when the API has refused it.

    `read` returns the stored text, or raises CredentialError; `name` says where that is, and
    `remedy` how to put another one there. `organizations` are all that the text should serve.
    `federation` is configured apart from the text; `tokens` exchanges it for access tokens.
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
        self._place = Place(
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
        """Begin with a text that was read some minutes ago, if it holds a credential."""
        try:
            self._account = read_account(self._place, text)
        except CredentialError:
            self._account = None

    def renew(self, refused: Credential, keys: tuple[Key, ...] = (Key.API,)) -> bool:
        """Have what is valid now: the secret as it is stored, or another token. False if it is
        the same as the refused one."""
        if self._tokens and (federation := self.account().federation):
            self._tokens.forget(federation)
        self._account = None
        return self.current(keys).secret != refused.secret

    def kinds(self) -> dict[str, str]:
        """Which kinds of credential there are, by the names of the secret's fields."""
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
        """The error for a credential that the API has refused in every way.

        Without the Enterprise key, the tables that need another one can still be loaded.
        """
        if refused.exchanged:
            return CredentialError(
                f"the API refuses the token that it gave for {self.name} (401), a second one too:"
                f" look at the service account in the Claude Console. {answer}"
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
    """Signs nothing: for requests whose body proves who sends them."""

    def __init__(self) -> None:
        super().__init__("nothing", str)

    def current(self, keys: tuple[Key, ...] = ()) -> Credential:  # noqa: ARG002 - whoever asks
        return NO_CREDENTIAL

    def renew(self, refused: Credential, keys: tuple[Key, ...] = ()) -> bool:  # noqa: ARG002
        return False

    def refusal(self, refused: Credential, answer: str) -> CredentialError:  # noqa: ARG002
        return CredentialError(answer)
