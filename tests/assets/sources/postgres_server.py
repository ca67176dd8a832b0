"""A private PostgreSQL cluster, started for the tests and stopped with them."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as postgresql

from assets.sources.connection import Connection

PASSWORD = "geheim @:/?"


class Server:
    """A private cluster in a folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        assert found, "install postgresql (.ci/run does)"
        self.bin, self.data = found[-1], folder / "data"
        self.user = "postgres" if os.geteuid() == 0 else None  # it does not run as root
        if self.user is not None:
            os.chown(folder, pwd.getpwnam(self.user).pw_uid, -1)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        self.run(
            "initdb", "--username=owner", f"--pwfile={folder / 'password'}", "--no-sync",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", str(self.data),
        )  # fmt: skip
        self.run(
            "pg_ctl", "start", "--wait", f"--pgdata={self.data}", f"--log={folder / 'log'}",
            f"--options=-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1",
        )  # fmt: skip

    def run(self, command: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.bin / command), *arguments],
            check=True, user=self.user, cwd="/", stdout=subprocess.DEVNULL,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
        )  # fmt: skip

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--mode=immediate", f"--pgdata={self.data}")

    def execute(self, *statements: str) -> None:
        address = f"postgresql://owner:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/postgres"
        with postgresql.connect(address, autocommit=True) as link, link.cursor() as cursor:
            for statement in ("SET TIME ZONE 'Asia/Shanghai'", *statements):
                cursor.execute(statement)

    def connection(self, **more: str) -> Connection:
        told = {"url": f"postgresql://owner@127.0.0.1:{self.port}/postgres", "secret": PASSWORD}
        return Connection.model_validate(told | more)
