"""Runs Lambda's runtime client on loopback, with a Runtime API and resource limits."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE_PROCESSOR_MB = 1769
CGROUPS = Path("/sys/fs/cgroup")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Ignore the closed connection of a function that was ended."""


class RuntimeApi:
    """The Runtime API, from which awslambdaric gets events and to which it posts results."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.ready = threading.Event()
        self._events: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._answers: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def send(self, event: dict[str, Any]) -> None:
        self._events.put((str(uuid.uuid4()), json.dumps(event).encode()))

    def next_event(self) -> tuple[str, bytes]:
        self.ready.set()
        return self._events.get()

    def take_answer(self, kind: str, answer: Any) -> None:
        self._answers.put((kind, answer))
        self.ready.set()

    def answer(self, seconds: float) -> tuple[str, Any]:
        return self._answers.get(timeout=seconds)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        request, body = self.server.api.next_event()
        deadline = int((time.time() + self.server.api.seconds) * 1000)
        self._answer(
            200,
            body,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": request,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:0:function:load",
            },
        )

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        body = self.rfile.read(int(length)) if length else self._chunks()
        kind = "init error" if self.path.endswith("/init/error") else self.path.rpartition("/")[2]
        self.server.api.take_answer(kind, json.loads(body))
        self._answer(202, b"", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found


@contextlib.contextmanager
def limits(megabytes: int) -> Iterator[list[Path] | None]:
    """Control groups with Lambda's memory and CPU limits; None if they are not available."""
    name, quota = f"e2e-{os.getpid()}", max(1000, int(100_000 * megabytes / WHOLE_PROCESSOR_MB))
    second = (CGROUPS / "cgroup.controllers").exists()
    settings = (
        {CGROUPS / name: {"memory.max": megabytes << 20, "cpu.max": f"{quota} 100000"}}
        if second
        else {
            CGROUPS / "memory" / name: {"memory.limit_in_bytes": megabytes << 20},
            CGROUPS / "cpu" / name: {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": quota},
        }
    )
    made: list[Path] = []
    try:
        for group, values in settings.items():
            group.mkdir()
            made.append(group)
            for file, value in values.items():
                (group / file).write_text(str(value))
    except OSError:
        yield None
    else:
        yield made
    finally:
        for group in made:
            group.rmdir()


class Function:
    """One execution environment, from cold start to shutdown."""

    def __init__(
        self, package: Path, environment: dict[str, str], groups: list[Path] | None
    ) -> None:
        self.api = RuntimeApi(seconds=900)

        def enter() -> None:
            for group in groups or ():
                (group / "cgroup.procs").write_text(str(os.getpid()))

        began = time.perf_counter()
        self._log = (package.parent / "function.log").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "awslambdaric", "handler.app.lambda_handler"], cwd=package,
            env={
                **environment,
                "AWS_LAMBDA_RUNTIME_API": self.api.address,
                "PYTHONPATH": str(package),
            },
            preexec_fn=enter,  # noqa: PLW1509 - it only writes its process id to a file
            stdout=self._log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        while not self.api.ready.wait(0.01):
            if self._process.poll() is not None:
                raise RuntimeError(
                    f"the function did not start: {(package.parent / 'function.log').read_text()}"
                )
        self.cold_start = time.perf_counter() - began

    def run(self, event: dict[str, Any]) -> tuple[Any, float, float]:
        """Return the function's result, its duration and its processor time in seconds."""
        before, began = self._processor(), time.perf_counter()
        self.api.send(event)
        while True:
            with contextlib.suppress(queue.Empty):
                kind, answer = self.api.answer(0.2)
                break
            if self._process.poll() is not None:
                raise RuntimeError(
                    f"ended by signal {-self._process.returncode} (9: too little memory)"
                )
        if kind != "response":
            raise RuntimeError(f"{kind}: {answer}")
        return answer, time.perf_counter() - began, self._processor() - before

    @property
    def peak_megabytes(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return (
            next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
            // 1024
        )

    def _processor(self) -> float:
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()
        self.api.close()
