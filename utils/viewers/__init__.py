# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Programs of others that show what we write: NetAnim, a browser, speedscope."""
