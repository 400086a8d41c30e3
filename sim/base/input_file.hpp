#pragma once
// Files that are read from the beginning to the end. A wait for what they hold ends when the user asks to stop.

#include <cstddef>
#include <cstdint>
#include <string>

#include <sys/types.h>

namespace pagetoken {

class InputFile {
 public:
  /// Opens a file, a pipe (and waits for somebody who writes it) or a device. Throws Interrupted; what else goes wrong
  /// is error().
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(InputFile&& other) noexcept;
  InputFile& operator=(InputFile&& other) noexcept;

  bool is_open() const { return descriptor_ >= 0; }
  int error() const { return error_; }  ///< errno of what failed last; 0: nothing did. A directory is EISDIR.

  /// Up to `room` bytes; 0: the end; -1: error(). Throws Interrupted, also where there would be something to read.
  ssize_t read(void* into, std::size_t room);
  /// Appends all that follows, up to `limit` bytes and one; false: error().
  bool read_all(std::string& into, std::size_t limit = SIZE_MAX);

  /// For a library that reads by itself, and closes it.
  int release();

 private:
  int descriptor_ = -1;
  int error_ = 0;
};

}  // namespace pagetoken
