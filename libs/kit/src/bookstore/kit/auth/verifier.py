"""Verifies access tokens, and remembers those it has verified."""

from collections import OrderedDict
from datetime import timedelta

from bookstore.kit.auth.callers import Authenticator, TokenRefusedError
from bookstore.kit.auth.claims import Rules, read_caller
from bookstore.kit.auth.keys import Keys
from bookstore.kit.auth.token import open_token, read_header
from bookstore.kit.caller import Caller
from bookstore.kit.clock import Clock, SystemClock


class Verifier(Authenticator):
    """Trusts what the issuer signed for this audience, until it runs out.

    A token is verified once; while it is good it is then known by sight, for `remember` tokens
    at most, the least recently seen being forgotten first. So a key that is withdrawn early
    stays good for tokens already seen; they run out within minutes.
    """

    def __init__(  # noqa: PLR0913 - all but the keys and the names have a default
        self,
        keys: Keys,
        *,
        issuer: str,
        audience: str,
        leeway: timedelta = timedelta(seconds=5),
        clock: Clock | None = None,
        remember: int = 4096,
    ) -> None:
        self._keys = keys
        self._rules = Rules(issuer=issuer, audience=audience, leeway=leeway)
        self._clock = clock or SystemClock()
        self._remember = remember
        self._seen: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    async def authenticate(self, token: str) -> Caller:
        now = self._clock.now().timestamp()
        seen = self._seen.get(token)
        if seen is not None and now < seen[1]:
            self._seen.move_to_end(token)
            return seen[0]
        caller, expires = await self._verify(token, now)
        self._seen[token] = caller, expires
        if len(self._seen) > self._remember:
            self._seen.popitem(last=False)
        return caller

    async def _verify(self, token: str, now: float) -> tuple[Caller, float]:
        header = read_header(token)
        key = await self._keys.find(header.kid)
        if key is None or key.algorithm is not header.algorithm:
            raise TokenRefusedError("the token is not signed with a key we know")
        claims = open_token(token, key)
        self._rules.check(claims, now, access_token=header.is_access_token)
        return read_caller(claims), claims["exp"]
