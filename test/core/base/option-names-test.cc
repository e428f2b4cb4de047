/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/option-names.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

const std::vector<std::string> NAMES{"layers", "layerCorrelation", "gpus", "mtu"}; //!< some names

} // namespace

TEST(OptionNames, AreFoundInAnyCase)
{
    EXPECT_EQ(FindName(NAMES, "layers"), "layers");
    EXPECT_EQ(FindName(NAMES, "LAYERS"), "layers");
    EXPECT_EQ(FindName(NAMES, "layercorrelation"), "layerCorrelation");
    EXPECT_EQ(FindName(NAMES, "layer"), std::nullopt);
    EXPECT_EQ(FindName({}, "layer"), std::nullopt);
}

TEST(OptionNames, AreGuessedFromNearMisses)
{
    EXPECT_EQ(NearestName(NAMES, "layer"), "layers");   // one inserted
    EXPECT_EQ(NearestName(NAMES, "llayers"), "layers"); // one removed
    EXPECT_EQ(NearestName(NAMES, "lavers"), "layers");  // one changed
    EXPECT_EQ(NearestName(NAMES, "alyers"), "layers");  // two swapped
    EXPECT_EQ(NearestName(NAMES, "gpu"), "gpus");       // a third of three letters
    EXPECT_EQ(NearestName(NAMES, "LayersCorelation"), "layerCorrelation");
}

TEST(OptionNames, AreNotGuessedFromAfar)
{
    EXPECT_EQ(NearestName(NAMES, "colour"), std::nullopt);
    EXPECT_EQ(NearestName(NAMES, ""), std::nullopt);
    EXPECT_EQ(NearestName(NAMES, std::string(100'000, 'l')), std::nullopt);
}

TEST(OptionNames, AreGuessedFromTheirBeginning)
{
    EXPECT_EQ(SuggestName(NAMES, "lay", "--"), "; did you mean --layers or --layerCorrelation?");
    EXPECT_EQ(SuggestName(NAMES, "LAYERCORR"), "; did you mean layerCorrelation?");
    EXPECT_EQ(SuggestName(NAMES, "la"), ""); // may be anything
}

TEST(OptionNames, PutAGuessIntoWords)
{
    EXPECT_EQ(SuggestName(NAMES, "layer", "--"), "; did you mean --layers?");
    EXPECT_EQ(SuggestName(NAMES, "colour", "--"), "");
}
