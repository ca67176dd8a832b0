"""Runs every benchmark in a process of its own: `make bench`."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.machine import describe

MODULES = ("collection", "decisions", "supervision", "population", "matching", "certificates")


def main() -> int:
    """The first exit code that is not 0, after all have run."""
    print(describe(), flush=True)
    codes = []
    for module in MODULES:
        print(f"\n{module}", flush=True)
        codes.append(
            subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=False).returncode
        )
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
