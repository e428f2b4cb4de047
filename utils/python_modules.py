# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Python modules of others: finds them, also where only the system's Python has them."""

import importlib
import os
import sys
from typing import Any

from console import Failure

SYSTEM_PYTHON = "/usr/bin/python3"


def find_module(name: str, package: str) -> Any:
    """
    Imports a module; goes on in the system's Python where this one does not have it.

    @param name The module.
    @param package The Debian package that has it.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.path.realpath(sys.executable) != os.path.realpath(SYSTEM_PYTHON) and os.path.exists(
            SYSTEM_PYTHON
        ):
            os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
        raise Failure(f"{name} is missing; install it, on Debian as {package}") from None
