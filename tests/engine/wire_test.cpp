// The bytes of a message, attachments and shipped pages among them.

#include "protocols/api/wire.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

constexpr MessageType kTestMessage{"TEST", Role::local, 64, "a test"};
constexpr WireFormat kWireFormat{.clients = 65, .page_bytes = 4096};

std::uint64_t bytes_of(const Message& message, const Resource& resource = page_resource(FileId{0}, 0)) {
  return wire_bytes(kTestMessage, resource, message, kWireFormat);
}

TEST(Wire, BareMessageIsItsHeader) { EXPECT_EQ(bytes_of({}), 64u); }

TEST(Wire, ContentOfAPageIsAPageAndASizeIsPartOfTheHeader) {
  const Message message{.data = {.present = true}};
  EXPECT_EQ(bytes_of(message), 64u + 4096);
  EXPECT_EQ(bytes_of(message, file_resource(FileId{0})), 64u + 4096);
  EXPECT_EQ(bytes_of(message, size_resource(FileId{0})), 64u);
}

TEST(Wire, ShippedWriteCarriesItsPageThereAndAShippedReadBack) {
  EXPECT_EQ(bytes_of({.access = {.kind = AccessKind::write}}), 64u + 4096);
  EXPECT_EQ(bytes_of({.access = {.kind = AccessKind::write, .done = true}}), 64u);
  EXPECT_EQ(bytes_of({.access = {.kind = AccessKind::read}}), 64u);
  EXPECT_EQ(bytes_of({.access = {.kind = AccessKind::read, .done = true}}), 64u + 4096);
  EXPECT_EQ(bytes_of({.access = {.kind = AccessKind::read, .done = true, .beyond = true}}), 64u);
  EXPECT_EQ(bytes_of({.access = {.kind = AccessKind::truncate}}), 64u);
}

TEST(Wire, AttachmentsCountWithWhatTheyHold) {
  EXPECT_EQ(bytes_of({.attachment = NodeSet{NodeId{1}}}), 64u + 2 * 8);
  EXPECT_EQ(bytes_of({.attachment = RangeList(3)}), 64u + 3 * 24);
  EXPECT_EQ(bytes_of({.attachment = Clock{.times = {1, 2}, .notices = {WriteNotice{}}}}), 64u + 2 * 4 + 16);
}

}  // namespace
}  // namespace pagetoken
