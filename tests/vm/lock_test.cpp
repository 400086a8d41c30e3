// The locks of the VM: a fair rwsem, and FIFO queues handed over on release (docs/vm-model.md, "Locks").

#include <gtest/gtest.h>

#include "bench.hpp"

namespace pagetoken {
namespace {

using bench::Bench;
using bench::call;
using bench::load;
using bench::store;

/// A node where a fault holds the mmap_sem as a reader, and another task has queued for it as a writer.
class QueuedWriter {
 public:
  explicit QueuedWriter(bool fair) : bench_(scheme(fair)) {
    bench_.hold(page_resource(bench::kFile, 0), Mode::shared);
    bench_.hold(size_resource(bench::kFile), Mode::shared);
    reader_ = bench_.start(load());
    EXPECT_FALSE(bench_.run(reader_, "F2"));
    writer_ = bench_.start(call(TaskKind::mmap, 0, 1));
    EXPECT_FALSE(bench_.run(writer_));
    EXPECT_EQ(bench_.vm().task(writer_).wait, Wait::lock);
  }
  Bench& bench() { return bench_; }
  const Lock& mmap_sem() { return bench_.vm().processes()[0].mmap_sem; }
  TaskIndex reader() const { return reader_; }
  TaskIndex writer() const { return writer_; }

 private:
  static GuardScheme scheme(bool fair) {
    GuardScheme scheme;
    scheme.fair_rwsem = fair;
    return scheme;
  }
  Bench bench_;
  TaskIndex reader_ = 0;
  TaskIndex writer_ = 0;
};

TEST(FairRwsem, QueuedWriterBlocksNewReaders) {
  QueuedWriter q(true);
  const TaskIndex late = q.bench().start(load());
  EXPECT_FALSE(q.bench().run(late));
  EXPECT_EQ(q.bench().vm().task(late).wait, Wait::lock);
  EXPECT_EQ(q.mmap_sem().readers, 1);
  EXPECT_EQ(q.mmap_sem().waiters, 2);
  EXPECT_TRUE(q.bench().run(q.reader()));
  EXPECT_EQ(q.mmap_sem().owner, q.writer()) << "handed over in order of arrival";
  EXPECT_FALSE(q.bench().run(late));
  EXPECT_TRUE(q.bench().run(q.writer()));
  EXPECT_TRUE(q.bench().run(late));
  EXPECT_TRUE(q.mmap_sem().free());
  EXPECT_EQ(q.mmap_sem().waiters, 0);
}

TEST(UnfairRwsem, NewReadersOvertakeAQueuedWriter) {
  QueuedWriter q(false);
  const TaskIndex late = q.bench().start(load());
  EXPECT_TRUE(q.bench().run(late));
  EXPECT_EQ(q.bench().vm().task(q.writer()).wait, Wait::lock);
  EXPECT_TRUE(q.bench().run(q.reader()));
  EXPECT_TRUE(q.bench().run(q.writer()));
  EXPECT_TRUE(q.mmap_sem().free());
}

TEST(FairRwsem, ReadersUpToTheNextWriterComeTogether) {
  QueuedWriter q(true);
  const TaskIndex second = q.bench().start(load()), third = q.bench().start(load());
  EXPECT_FALSE(q.bench().run(second));
  EXPECT_FALSE(q.bench().run(third));
  const TaskIndex last = q.bench().start(call(TaskKind::mmap, 0, 1));
  EXPECT_FALSE(q.bench().run(last));
  const TaskIndex fourth = q.bench().start(load());
  EXPECT_FALSE(q.bench().run(fourth));
  EXPECT_TRUE(q.bench().run(q.reader()));
  EXPECT_TRUE(q.bench().run(q.writer()));
  EXPECT_EQ(q.mmap_sem().readers, 2);
  EXPECT_EQ(q.mmap_sem().waiters, 2);
  EXPECT_TRUE(q.bench().run(third));
  EXPECT_FALSE(q.bench().run(last));
  EXPECT_TRUE(q.bench().run(second));
  EXPECT_EQ(q.mmap_sem().owner, last);
  EXPECT_TRUE(q.bench().run(last));
  EXPECT_TRUE(q.bench().run(fourth));
}

TEST(PageLock, IsHandedToTheFirstWhoWaits) {
  Bench bench{GuardScheme{}};
  bench.quietly(store());
  const auto clean = [&] { return bench.start(call(TaskKind::fsync, 0, 1)); };
  const TaskIndex first = clean(), second = clean(), third = clean();
  const auto step_to = [&](std::string_view text) {
    while (bench.vm().next_step(first).text != text) bench.vm().step(first, bench);
  };
  step_to("page_mkclean");
  EXPECT_FALSE(bench.run(second));
  EXPECT_FALSE(bench.run(third));
  step_to("unlock_page");
  bench.vm().step(first, bench);
  EXPECT_TRUE(bench.vm().runnable(second));
  EXPECT_FALSE(bench.vm().runnable(third));
  const std::uint32_t object = *bench.vm().cache().find(page_resource(bench::kFile, 0).key());
  EXPECT_EQ(bench.vm().objects()[object].lock.owner, second);
  EXPECT_EQ(bench.vm().objects()[object].lock.waiters, 1);
  for (const TaskIndex task : {second, third, first}) EXPECT_TRUE(bench.run(task));
  EXPECT_TRUE(bench.vm().objects()[object].lock.free());
}

}  // namespace
}  // namespace pagetoken
