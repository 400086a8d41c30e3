#include "sim/base/text.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

TEST(OneLine, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(one_line("a\nb\tc\x1b[2J\r"), "a\\nb\\tc\\x1b[2J\\x0d");
  EXPECT_EQ(one_line(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(one_line("\xc2\x9b"
                     "1m"),
            "\\xc2\\x9b1m")
      << "C1 control";
  EXPECT_EQ(one_line("\xe2\x80\xae"
                     "txt"),
            "\\xe2\\x80\\xaetxt")
      << "right-to-left override";
  EXPECT_EQ(one_line("\xe2\x80\xa8"), "\\xe2\\x80\\xa8") << "line separator";
}

TEST(OneLine, KeepsUtf8AndEscapesWhatIsNot) {
  EXPECT_EQ(one_line("f\xc3\xbcr \xe2\x82\xac \xf0\x9f\x90\xa7"), "f\xc3\xbcr \xe2\x82\xac \xf0\x9f\x90\xa7");
  EXPECT_EQ(one_line("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(one_line("\xc0\xaf"), "\\xc0\\xaf") << "overlong slash";
  EXPECT_EQ(one_line("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
}

TEST(OneLine, ShortensInTheMiddle) {
  EXPECT_EQ(one_line("0123456789abcdef", 16), "0123456789abcdef");
  EXPECT_EQ(one_line("0123456789abcdefg", 16), "012345678...defg");
  EXPECT_EQ(one_line(std::string(1'000'000, 'x')).size(), 200u);
  std::string umlauts;
  for (int i = 0; i < 30; ++i) umlauts += "\xc3\xbc";
  EXPECT_EQ(one_line(umlauts, 8), "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc...\xc3\xbc");
}

TEST(Quote, ShowsWhereTheValueBeginsAndEnds) {
  EXPECT_EQ(quote(" x "), "\" x \"");
  EXPECT_EQ(quote(std::string(100, 'x')).size(), 62u);
}

TEST(Scaled, NumbersHaveThreeDigitsAndAUnit) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1 k");
  EXPECT_EQ(format_count(1'250'000), "1.25 M");
  EXPECT_EQ(format_count(999'999), "1 M");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(3175), "3.1 KiB");
  EXPECT_EQ(format_bytes(std::uint64_t{1} << 30), "1 GiB");
  EXPECT_EQ(format_rate(48'213), "48.2 k/s");
  EXPECT_EQ(format_rate(0.5), "0.5/s");
}

TEST(Percent, TellsLittleFromNothing) {
  EXPECT_EQ(format_percent(0), "0 %");
  EXPECT_EQ(format_percent(0.125), "12.5 %");
  EXPECT_EQ(format_percent(0.0003), "0.03 %");
  EXPECT_EQ(format_percent(0.0000003), "< 0.01 %");
  EXPECT_EQ(format_percent(1), "100 %");
  EXPECT_EQ(format_percent(25), "2500 %");
  EXPECT_EQ(format_percent(-0.5), "-50 %");
}

TEST(TextTable, AlignsColumnsAndLeavesNoTrailingBlanks) {
  TextTable table{{{"protocol"}, {"p50", Align::right}, {"note"}}};
  table.add_row({"ivy-fixed", "23.4 us", "a\nb"});
  table.add_row({"t\xc3\xbc", "1 us", ""});
  EXPECT_EQ(table.text(),
            "protocol       p50  note\n"
            "---------  -------  ----\n"
            "ivy-fixed  23.4 us  a\\nb\n"
            "t\xc3\xbc            1 us\n");
}

TEST(TextTable, WithoutRowsIsItsHeader) { EXPECT_EQ((TextTable{{{"a"}, {"b"}}}.text()), "a  b\n-  -\n"); }

}  // namespace
}  // namespace pagetoken
