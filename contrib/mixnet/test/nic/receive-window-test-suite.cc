/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/keyed-random.h"
#include "ns3/receive-window.h"
#include "ns3/test.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

using Verdict = ReceiveWindow::Verdict; //!< what becomes of a frame
using Numbers = std::vector<uint64_t>;  //!< of frames

/// Where queue pairs may begin: nothing, just before 24 bits are full, beyond 32 bits.
const std::vector<uint64_t> FIRSTS{0, (uint64_t{1} << 24) - 3, uint64_t{5} << 40};

/// @param numbers Some numbers. @return them as text.
std::string
ToText(const Numbers& numbers)
{
    std::string text;
    for (const uint64_t number : numbers)
    {
        text += std::to_string(number) + " ";
    }
    return text;
}

/**
 * @ingroup mixnet-tests
 * @brief A test of a window, with its steps in a line each.
 */
class ReceiveWindowTestCase : public TestCase
{
  protected:
    /// @param first Number expected first. @param outOfOrder Whether frames may overtake.
    /// @param promise What is tested.
    ReceiveWindowTestCase(uint64_t first, bool outOfOrder, const std::string& promise)
        : TestCase(promise + ", from " + std::to_string(first) + " on"),
          m_first(first),
          m_window(first, outOfOrder)
    {
    }

    /**
     * @brief Takes a number and checks what becomes of it.
     * @param number The number, counted from the first one.
     * @param verdict What must become of it.
     * @param expected What must be expected afterwards, counted likewise.
     * @param skippedFrom First number before it that will never come, likewise; none if not below.
     */
    void Take(uint64_t number, Verdict verdict, uint64_t expected, uint64_t skippedFrom = ~0ULL)
    {
        const auto got = m_window.Take(m_first + number, m_first + std::min(skippedFrom, number));
        NS_TEST_EXPECT_MSG_EQ(static_cast<int>(got), static_cast<int>(verdict), "of " << number);
        NS_TEST_EXPECT_MSG_EQ(m_window.Expected() - m_first, expected, "after " << number);
    }

    /// @param missing What must be missing, counted from the first number.
    void ExpectMissing(Numbers missing)
    {
        for (auto& number : missing)
        {
            number += m_first;
        }
        NS_TEST_EXPECT_MSG_EQ(ToText(m_window.Missing()), ToText(missing), "missing");
    }

    uint64_t m_first;       //!< number expected first
    ReceiveWindow m_window; //!< what is tested
};

/**
 * @ingroup mixnet-tests
 * @brief In order, only the expected number is taken.
 */
class ReceiveWindowInOrderTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param first Number expected first.
    explicit ReceiveWindowInOrderTestCase(uint64_t first)
        : ReceiveWindowTestCase(first,
                                false,
                                "In order: the expected number is taken, earlier ones are "
                                "duplicates, later ones refused")
    {
    }

  private:
    void DoRun() override
    {
        Take(1, Verdict::Refused, 0);
        Take(0, Verdict::Taken, 1);
        Take(0, Verdict::Duplicate, 1);
        Take(1, Verdict::Taken, 2);
        Take(3, Verdict::Refused, 2);
        Take(2, Verdict::Taken, 3);
        Take(3, Verdict::Taken, 4);
        ExpectMissing({});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief In order, a skip counts when nothing is missing before it.
 */
class ReceiveWindowInOrderSkipTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param first Number expected first.
    explicit ReceiveWindowInOrderSkipTestCase(uint64_t first)
        : ReceiveWindowTestCase(first,
                                false,
                                "In order: numbers are skipped from before or at the expected one, "
                                "not beyond it")
    {
    }

  private:
    void DoRun() override
    {
        Take(0, Verdict::Taken, 1);
        Take(1, Verdict::Taken, 2);
        Take(10, Verdict::Refused, 2, 3); // 2 is missing
        Take(10, Verdict::Taken, 11, 2);  // 2 to 9 will not come
        Take(5, Verdict::Duplicate, 11);
        Take(20, Verdict::Taken, 21, 9); // those from 9 on have come in part
        Take(21, Verdict::Taken, 22, 4); // all that is skipped has passed
        Take(10, Verdict::Duplicate, 22, 2);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Out of order, each number is taken once, and the expected one waits for the smallest.
 */
class ReceiveWindowOutOfOrderTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param first Number expected first.
    explicit ReceiveWindowOutOfOrderTestCase(uint64_t first)
        : ReceiveWindowTestCase(first,
                                true,
                                "Out of order: every number is taken once, and those missing are "
                                "named in ascending order")
    {
    }

  private:
    void DoRun() override
    {
        ExpectMissing({});
        Take(2, Verdict::Taken, 0);
        ExpectMissing({0, 1});
        Take(2, Verdict::Duplicate, 0);
        Take(5, Verdict::Taken, 0);
        Take(0, Verdict::Taken, 1);
        ExpectMissing({1, 3, 4});
        Take(1, Verdict::Taken, 3);
        Take(2, Verdict::Duplicate, 3);
        Take(4, Verdict::Taken, 3);
        ExpectMissing({3});
        Take(3, Verdict::Taken, 6);
        ExpectMissing({});
        Take(6, Verdict::Taken, 7);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Out of order, numbers far ahead can wait, up to the reach.
 */
class ReceiveWindowReachTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param first Number expected first.
    explicit ReceiveWindowReachTestCase(uint64_t first)
        : ReceiveWindowTestCase(first,
                                true,
                                "Out of order: a number waits up to the reach, and is refused "
                                "beyond; the bitmap grows with what waits in it")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t REACH = ReceiveWindow::REACH;
        Take(REACH, Verdict::Refused, 0);
        ExpectMissing({});
        // Each of these makes the bitmap grow, with those before in it.
        Numbers far;
        for (uint64_t number = 3; number < REACH; number = 4 * number + 1)
        {
            Take(number, Verdict::Taken, 0);
            far.push_back(number);
        }
        Take(REACH - 1, Verdict::Taken, 0);
        far.push_back(REACH - 1);
        for (const uint64_t number : far)
        {
            Take(number, Verdict::Duplicate, 0);
        }
        NS_TEST_EXPECT_MSG_EQ(m_window.Missing().size(), REACH - far.size(), "all others missing");
        Take(0, Verdict::Taken, 1);
        Take(REACH, Verdict::Taken, 1);
        Take(REACH + 1, Verdict::Refused, 1);
        Take(1, Verdict::Taken, 2);
        Take(2, Verdict::Taken, 4);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Out of order, a skip waits until everything before it is there.
 */
class ReceiveWindowSkipTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param first Number expected first.
    explicit ReceiveWindowSkipTestCase(uint64_t first)
        : ReceiveWindowTestCase(first,
                                true,
                                "Out of order: numbers are skipped before, at and after the "
                                "expected one, and never taken or missed again")
    {
    }

  private:
    void DoRun() override
    {
        Take(1, Verdict::Taken, 0);
        Take(6, Verdict::Taken, 0, 3); // 3 to 5 will not come
        ExpectMissing({0, 2});
        Take(4, Verdict::Duplicate, 0);
        Take(0, Verdict::Taken, 2);
        Take(2, Verdict::Taken, 7);
        ExpectMissing({});
        Take(8, Verdict::Taken, 7);
        Take(10, Verdict::Taken, 11, 7); // 7 is skipped at last, and 9
        Take(12, Verdict::Taken, 11);
        Take(13, Verdict::Taken, 14, 5); // 11 is skipped, from before the expected number
        Take(11, Verdict::Duplicate, 14);
        Take(20, Verdict::Taken, 14);
        Take(20, Verdict::Duplicate, 21, 14); // said again, and by now more is given up
        ExpectMissing({});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Out of order, skips may lie in, over and beside each other.
 */
class ReceiveWindowNestedSkipsTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param first Number expected first.
    explicit ReceiveWindowNestedSkipsTestCase(uint64_t first)
        : ReceiveWindowTestCase(first, true, "Out of order: a skip that holds others counts whole")
    {
    }

  private:
    void DoRun() override
    {
        Take(5, Verdict::Taken, 0, 3);
        Take(9, Verdict::Taken, 0, 8);
        Take(20, Verdict::Taken, 0, 2);      // holds both
        Take(12, Verdict::Duplicate, 0, 11); // sent before, and overtaken; in what is skipped
        for (const uint64_t number : {2, 4, 6, 7, 8, 10, 13, 19})
        {
            Take(number, Verdict::Duplicate, 0);
        }
        Take(24, Verdict::Taken, 0, 18); // overlaps its end
        Take(22, Verdict::Duplicate, 0);
        ExpectMissing({0, 1});
        Take(0, Verdict::Taken, 1);
        Take(1, Verdict::Taken, 25);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A skip over more numbers than the reach takes no time and no memory.
 */
class ReceiveWindowFarSkipTestCase : public ReceiveWindowTestCase
{
  public:
    /// @param outOfOrder Whether frames may overtake each other.
    explicit ReceiveWindowFarSkipTestCase(bool outOfOrder)
        : ReceiveWindowTestCase(7, outOfOrder, "A skip may be longer than the reach")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t FAR = uint64_t{1} << 50;
        Take(0, Verdict::Taken, 1);
        Take(FAR + 1, Verdict::Refused, 1);
        Take(FAR, Verdict::Taken, FAR + 1, 0);
        Take(FAR + 1, Verdict::Taken, FAR + 2);
        ExpectMissing({});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Any sequence of numbers and skips has the same outcome as in a set of numbers.
 */
class ReceiveWindowRandomTestCase : public TestCase
{
  public:
    /**
     * @param first Number expected first.
     * @param outOfOrder Whether frames may overtake each other.
     * @param spread How far numbers are from the expected one, at most.
     */
    ReceiveWindowRandomTestCase(uint64_t first, bool outOfOrder, uint64_t spread)
        : TestCase(std::string(outOfOrder ? "Out of order" : "In order") + " from " +
                   std::to_string(first) + ": random numbers within " + std::to_string(spread) +
                   " and random skips have the outcome of a set"),
          m_first(first),
          m_outOfOrder(outOfOrder),
          m_spread(spread)
    {
    }

  private:
    /// The same bookkeeping, number by number.
    struct Model
    {
        uint64_t expected;        //!< number expected next
        uint64_t highest;         //!< after the highest that has arrived
        bool outOfOrder;          //!< whether frames may overtake each other
        std::set<uint64_t> early; //!< arrived beyond the expected number
        std::set<uint64_t> given; //!< given up, likewise

        /// @brief Moves on over what has arrived or is given up.
        void Advance()
        {
            while (early.erase(expected) + given.erase(expected) > 0)
            {
                ++expected;
            }
        }

        /// @param sequence A number. @param skippedFrom Given up from here. @return the outcome.
        Verdict Take(uint64_t sequence, uint64_t skippedFrom)
        {
            if (outOfOrder || skippedFrom <= expected)
            {
                for (uint64_t number = std::max(skippedFrom, expected); number < sequence; ++number)
                {
                    given.insert(number);
                }
                Advance();
            }
            if (sequence < expected || given.count(sequence) > 0 || early.count(sequence) > 0)
            {
                return Verdict::Duplicate;
            }
            if (sequence > expected && !outOfOrder)
            {
                return Verdict::Refused;
            }
            highest = std::max(highest, sequence + 1);
            early.insert(sequence);
            Advance();
            return Verdict::Taken;
        }

        /// @return numbers that are missing before the highest that has arrived.
        Numbers Missing() const
        {
            Numbers missing;
            for (uint64_t number = expected; number < highest; ++number)
            {
                if (early.count(number) + given.count(number) == 0)
                {
                    missing.push_back(number);
                }
            }
            return missing;
        }
    };

    void DoRun() override
    {
        constexpr uint64_t STEPS = 4000;
        const auto random = mixnetcore::KeyedRandom(m_first).At(m_spread).At(m_outOfOrder);
        ReceiveWindow window(m_first, m_outOfOrder);
        Model model{m_first, m_first, m_outOfOrder, {}, {}};
        uint64_t taken = 0;
        for (uint64_t step = 0; step < STEPS; ++step)
        {
            const auto draw = random.At(step);
            const uint64_t lowest =
                std::max(m_first, std::max(model.expected, m_spread) - m_spread);
            const bool isNext = draw.Bits(0) % 4 == 0;
            const uint64_t sequence =
                isNext ? model.expected : lowest + draw.Bits(1) % (2 * m_spread);
            const bool skips = draw.Bits(2) % 16 == 0;
            const uint64_t skippedFrom =
                skips ? sequence - std::min(sequence - m_first, draw.Bits(3) % m_spread) : sequence;
            const auto verdict = model.Take(sequence, skippedFrom);
            taken += verdict == Verdict::Taken ? 1 : 0;
            const auto got = window.Take(sequence, skippedFrom);
            NS_TEST_ASSERT_MSG_EQ(static_cast<int>(got),
                                  static_cast<int>(verdict),
                                  "step " << step);
            NS_TEST_ASSERT_MSG_EQ(window.Expected(), model.expected, "expected, step " << step);
            if (step % 8 == 0)
            {
                const bool isSame = window.Missing() == model.Missing();
                NS_TEST_ASSERT_MSG_EQ(isSame, true, "missing, step " << step);
            }
            if (IsStatusFailure())
            {
                return;
            }
        }
        NS_TEST_EXPECT_MSG_GT(taken, STEPS / 8, "many were taken");
    }

    uint64_t m_first;  //!< number expected first
    bool m_outOfOrder; //!< whether frames may overtake each other
    uint64_t m_spread; //!< distance from the expected number at most
};

/**
 * @ingroup mixnet-tests
 * @brief Which numbers have arrived.
 */
class ReceiveWindowTestSuite : public TestSuite
{
  public:
    ReceiveWindowTestSuite()
        : TestSuite("mixnet-receive-window", TestSuite::Type::UNIT)
    {
        for (const uint64_t first : FIRSTS)
        {
            AddTestCase(new ReceiveWindowInOrderTestCase(first));
            AddTestCase(new ReceiveWindowInOrderSkipTestCase(first));
            AddTestCase(new ReceiveWindowOutOfOrderTestCase(first));
            AddTestCase(new ReceiveWindowReachTestCase(first));
            AddTestCase(new ReceiveWindowSkipTestCase(first));
            AddTestCase(new ReceiveWindowNestedSkipsTestCase(first));
            for (const uint64_t spread : {4, 70, 1000})
            {
                AddTestCase(new ReceiveWindowRandomTestCase(first, true, spread));
                AddTestCase(new ReceiveWindowRandomTestCase(first, false, spread));
            }
        }
        AddTestCase(new ReceiveWindowFarSkipTestCase(false));
        AddTestCase(new ReceiveWindowFarSkipTestCase(true));
    }
};

ReceiveWindowTestSuite g_receiveWindowTestSuite; //!< registers the suite

} // namespace

} // namespace tests
