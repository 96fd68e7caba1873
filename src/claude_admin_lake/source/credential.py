"""The Admin credential of one organization: read when it is needed, and again after a refusal."""

from collections.abc import Callable

from claude_admin_lake.errors import CredentialError, KeyRefused, NotOffered
from claude_admin_lake.tables import Key

from .accounts import Account, Credential, Place, read_account
from .kinds import kind_of

ADVICE = (
    "an organization admin creates an Admin API key (sk-ant-admin...) in the Claude Console "
    "under Settings > Admin keys"
)

_ENTERPRISE_ADVICE = (
    "the primary owner creates an Enterprise key with the scopes read:analytics, read:rbac_groups "
    "and read:members in claude.ai"
)


class CredentialSource:
    """Reads the credential once, and again when the API has refused it.

    `read` returns the stored text, or raises CredentialError; `name` says where that is, and
    `remedy` how to put another one there. `organizations` are all that the text should serve.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], str],
        remedy: str = "",
        *,
        organization: str = "main",
        organizations: tuple[str, ...] = ("main",),
    ) -> None:
        several = len(organizations) > 1
        self.name = f"{name}, organization {organization!r}," if several else name
        self.advice = f"{ADVICE}; {remedy}" if remedy else ADVICE
        self._read = read
        self._place = Place(
            name=name, advice=self.advice, organization=organization, organizations=organizations
        )
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
        """Read again what is stored, for it may have been rotated; False if it is the same."""
        self._account = None
        return self.current(keys).secret != refused.secret

    def is_enterprise(self, credential: Credential) -> bool:
        """Whether a credential is the Enterprise key."""
        key = self._account.enterprise_key if self._account else None
        return key is not None and key.secret == credential.secret

    def refusal(self, refused: Credential, answer: str) -> CredentialError | KeyRefused:
        """The error for a credential that the API has refused in every way.

        Without the Enterprise key, the tables that need another one can still be loaded.
        """
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
        if account.federation:
            raise self._place.refusal("has federation instead of a key, which is not supported yet")
        api_key = account.api_key
        return api_key if key is Key.API or (api_key and api_key.is_token) else None
