"""`python -m framesift` is the command line."""

import sys

from framesift.cli import main

sys.exit(main())
