"""`python -m sip`."""

import sys

from sip.cli import main

sys.exit(main())
