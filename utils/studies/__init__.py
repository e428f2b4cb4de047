# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Studies: grids of runs, their workflow, results and figures."""
