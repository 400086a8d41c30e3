// Chrome's trace event format (JSON array; also read by Perfetto and speedscope), and Perfetto's TrackEvents.
// Sources: "Trace Event Format" (Google), and perfetto's protos/perfetto/trace/{trace,trace_packet}.proto and
// track_event/*.proto, whose field numbers stand below.

#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/format.h>
#include <protozero/pbf_writer.hpp>

#include "analysis/trace/timeline.hpp"
#include "sim/base/output_file.hpp"

namespace pagetoken {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

class Chrome final : public TimelineFormat {
 public:
  explicit Chrome(const std::string& path) : file_(path) {
    file_.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
  }

  void process(std::uint32_t node, std::string_view name) override {
    put(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":"{}"}}}})", node, escaped(name));
    put(R"({{"ph":"M","pid":{},"name":"process_sort_index","args":{{"sort_index":{}}}}})", node, node);
  }
  void track(std::uint32_t node, std::uint32_t track, std::string_view name) override {
    put(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_name","args":{{"name":"{}"}}}})", node, track, escaped(name));
    put(R"({{"ph":"M","pid":{},"tid":{},"name":"thread_sort_index","args":{{"sort_index":{}}}}})", node, track, track);
  }
  void slice(std::uint32_t node, std::uint32_t track, std::int64_t begin_ns, std::int64_t end_ns, std::string_view name,
             std::uint64_t arrow_in, std::uint64_t arrow_out) override {
    put(R"({{"ph":"X","pid":{},"tid":{},"ts":{},"dur":{},"name":"{}"}})", node, track, micros(begin_ns),
        micros(end_ns - begin_ns), escaped(name));
    if (arrow_out != 0)
      put(R"({{"ph":"s","cat":"message","name":"message","id":{},"pid":{},"tid":{},"ts":{}}})", arrow_out, node, track,
          micros(begin_ns));
    if (arrow_in != 0)
      put(R"({{"ph":"f","bp":"e","cat":"message","name":"message","id":{},"pid":{},"tid":{},"ts":{}}})", arrow_in, node,
          track, micros(begin_ns));
  }
  void counter(std::uint32_t node, std::string_view name, std::int64_t t_ns, std::int64_t value) override {
    put(R"({{"ph":"C","pid":{},"name":"{}","ts":{},"args":{{"value":{}}}}})", node, escaped(name), micros(t_ns), value);
  }
  void finish() override {
    file_.write("\n]}\n");
    file_.commit();
  }

 private:
  /// Chrome counts in microseconds; a decimal fraction keeps the nanoseconds.
  static std::string micros(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }
  template <class... Arguments>
  void put(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    file_.write(first_ ? "\n" : ",\n");
    first_ = false;
    file_.write(fmt::format(form, std::forward<Arguments>(arguments)...));
  }

  OutputFile file_;
  bool first_ = true;
};

class Perfetto final : public TimelineFormat {
 public:
  explicit Perfetto(const std::string& path) : file_(path) {}

  void process(std::uint32_t node, std::string_view name) override {
    std::string process;
    protozero::pbf_writer p(process);
    p.add_int32(1, static_cast<std::int32_t>(node) + 1);  // ProcessDescriptor.pid; 0 would be no process
    p.add_string(6, name.data(), name.size());            // process_name
    std::string descriptor;
    protozero::pbf_writer d(descriptor);
    d.add_uint64(1, process_uuid(node));  // TrackDescriptor.uuid
    d.add_message(3, process);            // process
    packet(60, descriptor, 0, false);     // TracePacket.track_descriptor
  }
  void track(std::uint32_t node, std::uint32_t track, std::string_view name) override {
    std::string descriptor;
    protozero::pbf_writer d(descriptor);
    d.add_uint64(1, track_uuid(node, track));
    d.add_string(2, name.data(), name.size());  // name
    d.add_uint64(5, process_uuid(node));        // parent_uuid
    packet(60, descriptor, 0, false);
  }
  void slice(std::uint32_t node, std::uint32_t track, std::int64_t begin_ns, std::int64_t end_ns, std::string_view name,
             std::uint64_t arrow_in, std::uint64_t arrow_out) override {
    std::string event;
    protozero::pbf_writer e(event);
    e.add_enum(9, 1);                                  // TrackEvent.type: SLICE_BEGIN
    e.add_uint64(11, track_uuid(node, track));         // track_uuid
    e.add_string(23, name.data(), name.size());        // name
    if (arrow_out != 0) e.add_fixed64(47, arrow_out);  // flow_ids
    if (arrow_in != 0) e.add_fixed64(48, arrow_in);    // terminating_flow_ids
    packet(11, event, begin_ns, true);                 // TracePacket.track_event
    std::string closing;
    protozero::pbf_writer c(closing);
    c.add_enum(9, 2);  // SLICE_END
    c.add_uint64(11, track_uuid(node, track));
    packet(11, closing, end_ns, true);
  }
  void counter(std::uint32_t node, std::string_view name, std::int64_t t_ns, std::int64_t value) override {
    const std::uint64_t uuid = process_uuid(node) | 1u << 31;
    if (node >= counters_.size()) counters_.resize(node + std::size_t{1});
    if (!counters_[node]) {
      counters_[node] = true;
      std::string descriptor;
      protozero::pbf_writer d(descriptor);
      d.add_uint64(1, uuid);
      d.add_string(2, name.data(), name.size());
      d.add_uint64(5, process_uuid(node));
      std::string unit;
      protozero::pbf_writer u(unit);
      u.add_enum(3, 2);        // CounterDescriptor.unit: COUNT
      d.add_message(8, unit);  // TrackDescriptor.counter
      packet(60, descriptor, 0, false);
    }
    std::string event;
    protozero::pbf_writer e(event);
    e.add_enum(9, 4);  // COUNTER
    e.add_uint64(11, uuid);
    e.add_int64(30, value);  // counter_value
    packet(11, event, t_ns, true);
  }
  void finish() override { file_.commit(); }

 private:
  static std::uint64_t process_uuid(std::uint32_t node) { return std::uint64_t{node + 1u} << 32; }
  static std::uint64_t track_uuid(std::uint32_t node, std::uint32_t track) { return process_uuid(node) | (track + 1u); }

  void packet(std::uint32_t field, const std::string& content, std::int64_t t_ns, bool timed) {
    std::string inner;
    protozero::pbf_writer p(inner);
    if (timed) p.add_uint64(8, static_cast<std::uint64_t>(t_ns));  // TracePacket.timestamp
    p.add_uint32(10, 1);                                           // trusted_packet_sequence_id
    if (!started_) p.add_uint32(13, 1);                            // sequence_flags: SEQ_INCREMENTAL_STATE_CLEARED
    started_ = true;
    p.add_message(field, content);
    std::string outer;
    protozero::pbf_writer o(outer);
    o.add_message(1, inner);  // Trace.packet
    file_.write(outer);
  }

  OutputFile file_;
  std::vector<bool> counters_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<TimelineFormat> chrome_timeline(const std::string& path) { return std::make_unique<Chrome>(path); }
std::unique_ptr<TimelineFormat> perfetto_timeline(const std::string& path) { return std::make_unique<Perfetto>(path); }

}  // namespace pagetoken
