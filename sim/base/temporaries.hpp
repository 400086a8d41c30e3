#pragma once
// Names of files that a process which is killed must not leave behind.

#include <string>

namespace pagetoken {

/// Keeps a name for as long as it lives. There is room for 32 at a time, of ordinary length; what is more is not kept.
class Temporary {
 public:
  Temporary() = default;
  explicit Temporary(const std::string& path);
  ~Temporary();
  Temporary(Temporary&& other) noexcept;
  Temporary& operator=(Temporary&& other) noexcept;

 private:
  int slot_ = -1;
};

/// Removes the files that this process has named, for signal handlers: only async-signal-safe functions are called.
void remove_temporaries();

}  // namespace pagetoken
