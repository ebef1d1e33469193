"""Instants of datagrams."""

import socket
import sys
import time

import pytest

from callcenter.platform.embedded.phone.media.arrival import open_socket, waiting_datagrams

pytestmark = pytest.mark.pure


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux notes when datagrams come")
def test_a_busy_process_does_not_make_datagrams_late() -> None:
    deadline = time.monotonic() + 5
    with open_socket("127.0.0.1") as receiver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while True:
            before = time.monotonic()
            sender.sendto(b"voice", receiver.getsockname())
            after = time.monotonic()
            time.sleep(0.1)
            ((data, at),) = waiting_datagrams(receiver)
            assert data == b"voice"
            assert at >= before - 0.005
            if at <= after + 0.005:
                return
            assert time.monotonic() < deadline, "every datagram got the instant at which it was read"


def test_nothing_waits_in_a_new_socket() -> None:
    with open_socket("127.0.0.1") as receiver:
        assert list(waiting_datagrams(receiver)) == []
