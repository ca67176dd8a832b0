"""One call of an interface: signed, retried with back-off, bounded in bytes and in time.

Belongs here: tokens, limits of rate, what is worth another attempt, and what each fault of a
server is told as. Does not: which pages are asked for (`assets.sources.api`).

Nothing of a secret gets into a message: paths and states are told, never addresses,
parameters or headers.
"""

from __future__ import annotations

import hashlib
import json
import logging
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import stamina

from assets.adapters import DeliveryError
from assets.adapters.limits import MIB
from assets.channels.ways import Api
from assets.sources.connection import Connection, Patience, unset
from assets.tables.intake import Failure

PAGE_BYTES = 64 * MIB
"""Of one answer, unpacked."""
LONGEST_WAIT = timedelta(minutes=10)
"""A server that asks for more is left until the next run."""


def _tell(details: stamina.instrumentation.RetryDetails) -> None:
    logging.getLogger(__name__).warning(
        "%.1f秒后第%d次重试 attempt %d follows in %.1f s: %s",
        details.wait_for,
        details.retry_num,
        details.retry_num + 1,
        details.wait_for,
        details.caused_by,
    )


# Of the library's own only the names of its internals would be told.
stamina.instrumentation.set_on_retry_hooks([_tell])


class _TryAgain(Exception):
    """A fault that may pass; `wait` in seconds where the server says so."""

    def __init__(self, error: DeliveryError, wait: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


class _Unauthorised(Exception):
    """The token is not, or no longer, accepted."""


class Client:
    """Calls of one interface; to be used as a context.

    Args:
        channel: name of the sender, for messages.
        api: what its interface is like.
        connection: its address and secrets.
        patience: see `Patience`.
    """

    def __init__(self, channel: str, api: Api, connection: Connection, patience: Patience) -> None:
        self._channel = channel
        self._api = api
        self._connection = connection
        self._patience = patience
        self._token: str | None = None
        self._last_call = -float("inf")
        timeout = httpx.Timeout(patience.read, connect=patience.connect)
        self._http = httpx.Client(timeout=timeout, follow_redirects=False)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, parameters: dict[str, str]) -> dict[str, Any]:
        """The JSON object that the interface answers; numbers are texts with all their digits.

        Raises:
            DeliveryError: no answer that can be used, after all attempts.
        """
        try:
            return self._retried(parameters)
        except _Unauthorised:
            pass
        self._token = None  # it may have expired between two pages: get another, once
        try:
            return self._retried(parameters)
        except _Unauthorised as error:
            raise DeliveryError(
                Failure.LOGIN,
                f"{self._api.path}不接受令牌（401/403）；请更新[connections.{self._channel}]的key和"
                "secret后重新采集",
                f"{self._api.path} does not accept the token (401 or 403); renew key and secret "
                f"under [connections.{self._channel}] and collect again",
            ) from error

    def _retried(self, parameters: dict[str, str]) -> dict[str, Any]:
        patience = self._patience
        try:
            for attempt in stamina.retry_context(
                on=_worth_another,
                attempts=patience.attempts,
                timeout=None,
                wait_initial=patience.first_wait,
                wait_max=patience.longest_wait,
                wait_jitter=patience.first_wait,
            ):
                with attempt:
                    return self._called(parameters)
        except _TryAgain as fault:
            raise fault.error from fault
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _called(self, parameters: dict[str, str]) -> dict[str, Any]:
        signed, headers = self._signed(parameters)
        address = self._connection.address + self._api.path
        request = self._request("GET", address, params=signed, headers=headers)
        answer = self._answer(request, self._api.path)
        for name, value in self._api.succeeded.items():
            if member(answer, name) != value:
                found = f"{name}={member(answer, name)!r}"
                told = str(answer.get("msg", answer.get("message", "")))[:200]
                raise DeliveryError(
                    Failure.REFUSED,
                    f"{self._api.path}答复{found}，应为{value!r}（{told}）；"
                    "请向对方核实授权和参数后重新采集",
                    f"{self._api.path} answers {found}, not {value!r} "
                    f"({told}); ask its owner about grant and parameters and collect again",
                )
        return answer

    def _signed(self, parameters: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        secret = self._connection.require_secret(self._channel)
        if self._api.auth == "signature":
            key, now = self._key(), str(int(time.time() * 1000))
            sign = hashlib.md5((key + secret + now).encode(), usedforsecurity=False).hexdigest()
            return {**parameters, "appKey": key, "requestTime": now, "sign": sign}, {}
        if self._token is None:
            self._token = secret if self._api.token_path is None else self._new_token(secret)
        return parameters, {"Authorization": f"Bearer {self._token}"}

    def _key(self) -> str:
        if self._connection.key is None:
            raise unset(self._channel, "key")
        return self._connection.key.get_secret_value()

    def _new_token(self, secret: str) -> str:
        path = self._api.token_path or ""
        form = {"grant_type": "client_credentials", "client_id": self._key()}
        request = self._request(
            "POST", self._connection.address + path, data={**form, "client_secret": secret}
        )
        token = self._answer(request, path).get("access_token")
        if not isinstance(token, str):
            raise not_agreed(path, "access_token")
        return token

    def _request(self, method: str, address: str, **more: Any) -> httpx.Request:
        try:
            return self._http.build_request(method, address, **more)
        except httpx.InvalidURL as error:
            raise no_address(self._channel) from error

    def _answer(self, request: httpx.Request, path: str) -> dict[str, Any]:
        self._keep_rate()
        try:
            response = self._http.send(request, stream=True)
            try:
                body = self._body(response)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise _TryAgain(_timeout(path)) from error
        except httpx.DecodingError as error:
            raise _TryAgain(not_agreed(path, "可解压的内容", "content that unpacks")) from error
        except httpx.UnsupportedProtocol as error:
            raise no_address(self._channel) from error
        except httpx.HTTPError as error:
            if _is_certificate(error):
                raise _not_trusted(path) from error
            raise _TryAgain(
                DeliveryError(
                    Failure.UNREACHABLE,
                    f"{path}连接失败或中断（{type(error).__name__}）；请检查网络和对方服务后重新采集",
                    f"{path} cannot be reached or breaks off ({type(error).__name__}); look at the "
                    "network and the platform and collect again",
                )
            ) from error
        _require_ok(response, path)
        try:
            answer = json.loads(body, parse_float=str, parse_int=str)
        except (ValueError, RecursionError) as error:
            raise _TryAgain(not_agreed(path, "完整的JSON", "whole JSON")) from error
        if not isinstance(answer, dict):
            raise not_agreed(path, "JSON对象", "JSON object")
        return answer

    def _body(self, response: httpx.Response) -> bytes:
        end = time.monotonic() + self._patience.answer
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > PAGE_BYTES:
                raise DeliveryError(
                    Failure.TOO_LARGE,
                    f"一页答复超过{PAGE_BYTES:,}字节；请在渠道文件中减小rows后重新采集",
                    f"one answer is larger than {PAGE_BYTES:,} bytes; lower rows in the channel "
                    "file and collect again",
                )
            if time.monotonic() > end:
                raise httpx.ReadTimeout("the answer takes too long", request=response.request)
            parts.append(part)
        return b"".join(parts)

    def _keep_rate(self) -> None:
        if self._api.per_minute is not None:
            due = self._last_call + 60 / self._api.per_minute
            time.sleep(max(0.0, due - time.monotonic()))
        self._last_call = time.monotonic()


def member(answer: dict[str, Any], name: str) -> Any:
    """The value of a member; `data.list` is `list` within `data`. None where there is none."""
    found: Any = answer
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _worth_another(error: Exception) -> bool | float:
    if not isinstance(error, _TryAgain):
        return False
    return True if error.wait is None else error.wait


def _require_ok(response: httpx.Response, path: str) -> None:
    status = response.status_code
    if status in (401, 403):
        raise _Unauthorised
    if status == 429:
        wait = _asked_wait(response.headers.get("Retry-After"))
        error = DeliveryError(
            Failure.RATE,
            f"{path}限流（429）；请降低渠道文件中的per_minute，稍后重新采集",
            f"{path} limits the rate (429); lower per_minute in the channel file and collect "
            "again later",
        )
        if wait is not None and wait > LONGEST_WAIT.total_seconds():
            raise error
        raise _TryAgain(error, wait)
    if status == 408:
        raise _TryAgain(_timeout(path))
    if status >= 500:
        raise _TryAgain(
            DeliveryError(
                Failure.UNREACHABLE,
                f"{path}服务出错（{status}）；请联系对方恢复服务后重新采集",
                f"{path} errs ({status}); ask its owner to mend it and collect again",
            )
        )
    if response.has_redirect_location:  # never followed: the token would go along
        raise DeliveryError(
            Failure.REFUSED,
            f"{path}要求转到另一地址（{status}），令牌不随之发送；请向对方核实接口地址，改正"
            "[connections]的url或渠道文件中的路径后重新采集",
            f"{path} sends on to another address ({status}), to which no token is taken; ask its "
            "owner for the address, mend url under [connections] or the path in the channel file "
            "and collect again",
        )
    if status != 200:
        raise DeliveryError(
            Failure.REFUSED,
            f"{path}拒绝请求（{status}）；请核对渠道文件中的路径和参数后重新采集",
            f"{path} refuses the call ({status}); look at path and parameters in the channel file "
            "and collect again",
        )


def _asked_wait(header: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110 section 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return None
    if then.tzinfo is None:  # of the forms of a date, asctime's names no zone: it is UTC
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _timeout(path: str) -> DeliveryError:
    return DeliveryError(
        Failure.TIMEOUT,
        f"{path}超时未答复；请检查网络和对方服务后重新采集",
        f"{path} does not answer in time; look at the network and the platform and collect again",
    )


def not_agreed(path: str, lacks: str, lacks_en: str | None = None) -> DeliveryError:
    """An answer that lacks something the channel file says it has: a member, or what is no name."""
    return DeliveryError(
        Failure.ANSWER,
        f"{path}的答复不完整或格式不符（缺少{lacks}）；请与对方核对接口文档和渠道文件后重新采集",
        f"{path} answers something cut off or not agreed (no {lacks_en or lacks}); compare its "
        "documentation with the channel file and collect again",
    )


def no_address(channel: str) -> DeliveryError:
    """A setting that is not the address of an interface; not told, as it may hold a password."""
    return DeliveryError(
        Failure.CONNECTION,
        f"渠道{channel}的接口地址应以https://或http://开头并写全主机名；请在[connections.{channel}]"
        "中改正url",
        f"the url of {channel} is no https:// or http:// address with a host; mend it under "
        f"[connections.{channel}]",
    )


def _is_certificate(error: BaseException | None) -> bool:
    """Whether a certificate of the server is what an error is about, itself or by its cause."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _not_trusted(path: str) -> DeliveryError:
    return DeliveryError(
        Failure.UNREACHABLE,
        f"{path}的服务器证书不受信任、已过期或与主机名不符；请对方更换证书，或将其签发机构的证书文件"
        "写入环境变量SSL_CERT_FILE后重新采集",
        f"the server's certificate for {path} is not trusted, has expired or names another host; "
        "ask its owner for another, or name the file of its authority's certificate in "
        "SSL_CERT_FILE, and collect again",
    )
