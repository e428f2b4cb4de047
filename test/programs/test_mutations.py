# Copyright (c) 2026 The mixnet authors
#
# SPDX-License-Identifier: GPL-2.0-only

"""Mutated command lines and files: every program ends, and says why in a few lines."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import mutations  # noqa: E402

TRIALS = 100


class Mutations(unittest.TestCase):
    """A hundred trials, always the same."""

    def test_every_trial_ends_as_it_should(self):
        self.assertEqual(mutations.run_trials(range(TRIALS)), [])

    def test_trials_are_repeatable_and_different(self):
        options = mutations.options_of_programs()
        trials = [mutations.make_trial(seed, options) for seed in range(TRIALS)]
        self.assertEqual(trials, [mutations.make_trial(seed, options) for seed in range(TRIALS)])
        self.assertGreater(len({str(trial) for trial in trials}), TRIALS // 2)


if __name__ == "__main__":
    unittest.main()
