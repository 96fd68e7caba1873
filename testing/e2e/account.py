"""An AWS account on loopback: ministack as a child process, with TLS and IAM enforced."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from pathlib import Path

REGION = "us-east-1"
WAITS = 0.02
"""Factor for the state machine's waits and retries: 300 s become 6 s."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Account:
    """A context manager that starts the account's process and ends it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.ca = folder / "ministack-tls" / "server.crt"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        self._log = (self.folder / "log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=self._own_environment,
            cwd=self.folder, stdout=self._log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._wait_until_up()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    @property
    def _own_environment(self) -> dict[str, str]:
        return {
            **self._credentials,
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_REGION": REGION,
            "STATE_DIR": str(self.folder / "state"),
            "S3_DATA_DIR": str(self.folder / "s3"),
            "AUTH": "true",
            "USE_SSL": "1",
            "AWS_CA_BUNDLE": str(self.ca),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "SFN_WAIT_SCALE": str(WAITS),
        }

    @property
    def _credentials(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }

    @property
    def environment(self) -> dict[str, str]:
        """Environment that confines command line tools to this account."""
        outside = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {
            **outside,
            **self._credentials,
            "HOME": str(self.folder),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.ca),
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAM_CLI_TELEMETRY": "0",
        }

    def client(self, service: str) -> Any:
        return self._session.client(
            service, endpoint_url=self.url, verify=str(self.ca),
            config=Config(read_timeout=900, retries={"total_max_attempts": 1}),
        )  # fmt: skip

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the emulated account's own
            region_name=REGION,
        )

    def _wait_until_up(self) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                trusted = ssl.create_default_context(cafile=str(self.ca))
                urllib.request.urlopen(self.url + "/_ministack/health", context=trusted)  # noqa: S310
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(
            f"the emulated account did not start:\n{(self.folder / 'log').read_text()}"
        )
