"""`python -m callcenter.platform.embedded.model_server --port N`."""

import argparse

from callcenter.platform.embedded.model_server.app import run
from callcenter.platform.wire.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in for OpenAI's API that runs offline.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    arguments = parser.parse_args()
    run(Settings(), arguments.host, arguments.port)


if __name__ == "__main__":
    main()
