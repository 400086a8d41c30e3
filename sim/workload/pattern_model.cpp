#include "sim/workload/pattern_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken {
namespace {

class MixedSource final : public AccessSource {
 public:
  MixedSource(RandomStream random, const std::vector<double>& cumulative,
              std::vector<std::unique_ptr<AccessSource>> parts)
      : random_(random), cumulative_(cumulative), parts_(std::move(parts)) {}

  std::size_t fill(std::span<Access> batch) override {
    for (Access& access : batch) {
      const auto part = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, random_.uniform());
      parts_[static_cast<std::size_t>(part - cumulative_.begin())]->fill({&access, 1});
    }
    return batch.size();
  }

 private:
  RandomStream random_;
  const std::vector<double>& cumulative_;  ///< of the model
  std::vector<std::unique_ptr<AccessSource>> parts_;
};

}  // namespace

PatternModel::PatternModel(const WorkloadSpec& spec, const LayoutContext& context)
    : context_(context), pattern_(definition_of(spec.pattern)), file_bytes_(spec.file_bytes) {
  if (pattern_.turns) turns_ = pattern_.turns(spec);
  if (!pattern_.source) {
    check_ranges(spec, context);
    add_parts(spec);
  } else {
    layouts_.push_back(make_layout(spec, context));
  }
}

void PatternModel::add_parts(const WorkloadSpec& spec) {
  if (spec.parts.empty())
    throw ConfigError(context_.config_file, context_.pointer + "/parts", "no parts", "one or more");
  double sum = 0;
  for (std::size_t i = 0; i < spec.parts.size(); ++i) {
    const WeightedPart& part = spec.parts[i];
    LayoutContext context = context_;
    context.pointer += fmt::format("/parts/{}", i);
    context.first_stream = context_.threads * static_cast<std::uint32_t>(i + 1);
    if (!(part.weight > 0 && part.weight <= 1e9)) {
      throw ConfigError(context.config_file, context.pointer + "/weight", fmt::format("{}", part.weight),
                        "above 0, up to 1e9");
    }
    if (part.spec.trace || part.spec.pattern == Pattern::mixed) {
      throw ConfigError(context.config_file, context.pointer, part.spec.trace ? "a trace as a part" : "mixed in mixed",
                        "any other pattern");
    }
    if (part.spec.serial || part.spec.threads != 1) {
      throw ConfigError(context.config_file, context.pointer, "serial or threads in a part",
                        "these are said once, of the whole");
    }
    layouts_.push_back(make_layout(part.spec, context));
    cumulative_.push_back(sum += part.weight);
  }
  for (double& share : cumulative_) share /= sum;
}

std::unique_ptr<AccessSource> PatternModel::source(std::uint32_t client, std::uint32_t thread) const {
  if (pattern_.source) return pattern_.source(layouts_.front(), client, thread);
  std::vector<std::unique_ptr<AccessSource>> parts;
  parts.reserve(layouts_.size());
  for (const Layout& layout : layouts_)
    parts.push_back(definition_of(layout.spec.pattern).source(layout, client, thread));
  return std::make_unique<MixedSource>(RandomStream(context_.seed, client, thread, Purpose::access), cumulative_,
                                       std::move(parts));
}

std::unique_ptr<SerialSource> PatternModel::serial() const {
  std::vector<std::unique_ptr<AccessSource>> sources;
  sources.reserve(context_.clients);
  for (std::uint32_t client = 0; client < context_.clients; ++client) sources.push_back(source(client, 0));
  if (turns_) return std::make_unique<TurnSource>(std::move(sources), *turns_);
  return std::make_unique<DrawnSource>(std::move(sources), context_.seed);
}

std::vector<std::uint64_t> PatternModel::initial_bytes() const {
  std::vector<std::uint64_t> bytes;
  for (const Layout& layout : layouts_) {
    const std::uint64_t end = layout.spec.first_file + layout.spec.files;
    if (bytes.size() < end) bytes.resize(end);
    const std::uint64_t size = layout.spec.file_bytes != 0 ? layout.spec.file_bytes : layout.needed_bytes;
    for (std::uint64_t file = layout.spec.first_file; file < end; ++file) {
      bytes[file] = std::max(bytes[file], file_bytes_ != 0 ? file_bytes_ : size);
    }
  }
  return bytes;
}

}  // namespace pagetoken
