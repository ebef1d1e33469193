"""The process above the supervisor, so that nothing outlives a supervisor that dies without a word."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CLEAN_UP_SECONDS = 5.0


def guarded(supervise: Callable[[], int]) -> int:
    """Run `supervise` in a child process and return its exit code once no process started by it is left.

    This process adopts whatever loses its parent below it (prctl(2), PR_SET_CHILD_SUBREAPER) and kills it when the
    supervisor is gone, however that ended. If this process is killed itself, the supervisor gets SIGTERM from the
    kernel and stops everything; if both are killed at once, the parts get SIGKILL (child.py).
    """
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    guardian = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    child = os.fork()
    if child == 0:
        os._exit(_supervisor(supervise, guardian))

    def forward(number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM if number == signal.SIGHUP else number)

    for number in FORWARDED:
        signal.signal(number, forward)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    code = _wait_for(child)
    _kill_the_rest()
    return code


def _supervisor(supervise: Callable[[], int], guardian: int) -> int:
    code = 1
    try:
        os.setsid()
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == guardian:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
            code = supervise()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
    return code


def _wait_for(child: int) -> int:
    while True:
        try:
            pid, status = os.waitpid(-1, 0)
        except InterruptedError:
            continue
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _kill_the_rest() -> None:
    deadline = time.monotonic() + CLEAN_UP_SECONDS
    while time.monotonic() < deadline:
        family = psutil.Process().children(recursive=True)
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.02)


def _prctl(option: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
