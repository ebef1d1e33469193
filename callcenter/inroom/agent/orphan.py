"""A job process ends after its worker, whatever it hangs in.

livekit-agents ends a job whose worker is gone, but the process may then wait for ever for a thread that forwards its
log to nobody (livekit-agents 1.8.9, `ipc/log_queue.py`), and keeps the fork server alive with it.
"""

import os
import threading
import time

import psutil

WORKER_VARIABLE = "CALLCENTER_WORKER_PID"
LOOK_SECONDS = 1.0
GRACE_SECONDS = 20.0  # to store what was said, longer than a job takes to shut down


def end_jobs_with_this_process() -> None:
    """To be called by a worker before it starts its fork server, whose children inherit the environment."""
    os.environ[WORKER_VARIABLE] = str(os.getpid())


def watch_worker() -> None:
    """To be called where the fork server loads a job's modules: each of its children then watches the worker."""
    if WORKER_VARIABLE in os.environ:
        os.register_at_fork(after_in_child=_watch)


def _watch() -> None:
    threading.Thread(target=_end_after, args=(int(os.environ[WORKER_VARIABLE]),), name="orphan", daemon=True).start()


def _end_after(pid: int) -> None:
    try:
        worker = psutil.Process(pid)
        while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
            time.sleep(LOOK_SECONDS)
    except psutil.NoSuchProcess:
        pass
    time.sleep(GRACE_SECONDS)
    os._exit(1)
