"""A data-sharing platform with faults on demand; run as a process: `python platform_server.py`.

Prints its port. `POST /control` sets any attribute of `State`; each call of the interface
takes the next of its faults.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class State:
    """What the platform holds and how it misbehaves."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.always = ""
        """A fault of every call."""
        self.mode = ""
        self.token = "secret-1"
        self.token_calls = 0
        self.expires_after: int | None = None
        """Calls after which the token is another one."""
        self.calls: list[dict[str, str]] = []


STATE = State()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/control":
            for name, value in json.loads(body).items():
                setattr(STATE, name, value)
            self.answer({})
        elif self.path == "/state":
            self.answer({"calls": STATE.calls, "token_calls": STATE.token_calls})
        elif self.path == "/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            STATE.token_calls += 1
            if (form["client_id"], form["client_secret"]) != ("miaoban", "client-secret"):
                self.answer({"error": "invalid_client"}, 401)
                return
            STATE.token = f"token-{STATE.token_calls}"
            self.answer({"access_token": STATE.token, "expires_in": 60})

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        STATE.calls.append({"path": url.path, **asked})
        fault = STATE.faults.pop(0) if STATE.faults else STATE.always
        if fault and self.misbehave(fault):
            return
        if not self.is_authorised(url.path, asked):
            self.answer({"error": "unauthorised"}, 401)
            return
        if STATE.expires_after is not None:
            STATE.expires_after -= 1
            if STATE.expires_after < 0:
                STATE.expires_after = None
                STATE.token = "another"
                self.answer({"error": "expired"}, 401)
                return
        self.answer(self.page(asked))

    def is_authorised(self, path: str, asked: dict[str, str]) -> bool:
        if path == "/gateway":
            told = asked["appKey"] + "request-secret" + asked["requestTime"]
            return asked["sign"] == hashlib.md5(told.encode()).hexdigest()
        return self.headers.get("Authorization") == f"Bearer {STATE.token}"

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        number, size = int(asked["pageNo"]), int(asked["pageSize"])
        rows = [
            row
            for row in STATE.rows
            if asked.get("since", "") <= row.get("gxsj", "9") < asked.get("until", "9999")
        ]
        total = len(rows)
        number, size, rows = self.disturbed(number, size, rows)
        return {
            "code": "00", "msg": "成功",
            "data": {"count": total, "list": rows[(number - 1) * size : number * size]},
        }  # fmt: skip

    def disturbed(  # noqa: C901  one case, one line or two
        self, number: int, size: int, rows: list[dict[str, Any]]
    ) -> tuple[int, int, list[dict[str, Any]]]:
        match STATE.mode:
            case "repeats":
                number = min(number, 2)
            case "once":  # one page is answered twice, at one reading
                if number == 3:
                    number, STATE.mode = 2, ""
            case "ignores":
                number = 1
            case "shuffles":
                turn = len(STATE.calls) % max(len(rows), 1)
                rows = rows[turn:] + rows[:turn]
            case "swaps":
                number = {2: 3, 3: 2}.get(number, number)
            case "grows":
                STATE.rows.insert(0, {**STATE.rows[0], "CreditNum": f"N{len(STATE.calls)}"})
            case "grows once":
                if number == 2:
                    STATE.rows.insert(0, {**STATE.rows[0], "CreditNum": "N"})
                    STATE.mode = ""
            case "trades":  # one row goes and another comes: the count stays
                if number == 2:
                    STATE.rows.append({**STATE.rows.pop(0), "CreditNum": "N"})
                    STATE.mode = ""
            case "few":
                size = size // 2
        return number, size, rows

    def misbehave(self, fault: str) -> bool:  # noqa: C901  one fault, one case
        kind, _, value = fault.partition(":")
        match kind:
            case "429":
                self.answer({}, 429, {"Retry-After": value} if value else {})
            case "429 date":
                then = datetime.now(UTC) + timedelta(seconds=1)
                self.answer({}, 429, {"Retry-After": format_datetime(then, usegmt=True)})
            case "429 asctime":
                then = datetime.now(UTC) + timedelta(seconds=1)
                self.answer({}, 429, {"Retry-After": then.ctime()})
            case "hang":
                time.sleep(float(value))
                self.close_connection = True
            case "drip":
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                for _ in range(int(value)):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
                self.close_connection = True
            case "cut":  # fewer bytes than announced
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b'{"code": "00", "data"')
                self.close_connection = True
            case "truncated":  # a whole answer of half a JSON
                self.answer(b'{"code": "00", "data": {"count": 1, "list": [{"Cre')
            case "drop":
                self.close_connection = True
                self.connection.close()
            case "redirect":
                self.answer({}, 302, {"Location": "http://127.0.0.1:1/elsewhere"})
            case "gzip":
                self.answer(b"no gzip at all", 200, {"Content-Encoding": "gzip"})
            case "body":
                self.answer(value.encode())
            case _:
                self.answer({"error": "internal"}, int(kind))
        return True

    def answer(
        self, told: dict[str, Any] | bytes, status: int = 200, more: dict[str, str] | None = None
    ) -> None:
        body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
