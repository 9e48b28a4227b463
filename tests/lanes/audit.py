"""Asks the package index whether what the forum runs on has known vulnerabilities, and says so in one line.

pip-audit calls a package it could not ask about "skipped" and ends well; that is said here for what it is.
Exit 1 only for a vulnerability that was found: no network is no reason to stop a landing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

LOCKED = ("requirements.txt", "requirements-scale.txt")
SECONDS = 90.0


def main() -> int:
    """Print the verdict and each finding."""
    dependencies = _ask()
    found = [one for one in dependencies if one.get("vulns")]
    unasked = sum("skip_reason" in one for one in dependencies)
    asked = len(dependencies) - unasked
    for one in found:
        print(f"VULNERABLE {one['name']} {one['version']}: {', '.join(vuln['id'] for vuln in one['vulns'])}")
    if not asked:
        print("dependency audit: COULD NOT ASK the package index, so today's vulnerabilities are unknown")
    else:
        rest = f", could not ask about {unasked}" if unasked else ""
        print(f"dependency audit: {len(found)} vulnerable of {asked} packages{rest}")
    return 1 if found else 0


def _ask() -> list[dict[str, Any]]:
    locked = [argument for name in LOCKED for argument in ("-r", name)]
    options = [
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "--timeout",
        "10",
        "-f",
        "json",
    ]
    command = [sys.executable, "-m", "pip_audit", *locked, *options]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL)
        answer: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        return []
    return answer


if __name__ == "__main__":
    sys.exit(main())
