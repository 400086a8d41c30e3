#include "sim/base/elf_extent.hpp"

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

namespace pagetoken {
namespace {

/// An open file, and as much of it as there is.
class Library {
 public:
  explicit Library(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat present {};
    if (descriptor_ >= 0 && ::fstat(descriptor_, &present) == 0 && S_ISREG(present.st_mode))
      bytes_ = static_cast<std::uint64_t>(present.st_size);
  }
  ~Library() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  bool holds(std::uint64_t offset, std::uint64_t length) const { return offset <= bytes_ && length <= bytes_ - offset; }

  template <class T>
  bool read(std::uint64_t offset, T& into) const {
    return holds(offset, sizeof into) &&
           ::pread(descriptor_, &into, sizeof into, static_cast<off_t>(offset)) == ssize_t{sizeof into};
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  int descriptor_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::string missing_of_library(const std::string& path) {
  const Library file(path);
  unsigned char magic[SELFMAG] = {};
  if (!file.read(0, magic) || std::memcmp(magic, ELFMAG, SELFMAG) != 0) return "";
  const auto missing = [&](std::string_view what) {
    return fmt::format("its {} are beyond its end, at {} bytes: it was cut off or damaged", what, file.bytes());
  };
  ElfW(Ehdr) header{};
  if (!file.read(0, header)) return missing("headers");
  if (!file.holds(header.e_phoff, std::uint64_t{header.e_phnum} * header.e_phentsize))
    return missing("program headers");
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) program{};
    if (!file.read(header.e_phoff + std::uint64_t{i} * header.e_phentsize, program)) return missing("program headers");
    if (!file.holds(program.p_offset, program.p_filesz)) return missing("programs");
  }
  if (header.e_shoff == 0) return "";
  if (!file.holds(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize))
    return missing("section headers");
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    ElfW(Shdr) section{};
    if (!file.read(header.e_shoff + std::uint64_t{i} * header.e_shentsize, section)) return missing("section headers");
    if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL && !file.holds(section.sh_offset, section.sh_size))
      return missing("sections");
  }
  return "";
}

}  // namespace pagetoken
