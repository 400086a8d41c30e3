#pragma once
// Files that are there in full or not at all.

#include <string>
#include <string_view>

#include "sim/base/temporaries.hpp"

namespace pagetoken {

/// Writes a file beside its final name and renames it when all is written: a reader, or a run that is interrupted,
/// never meets half of it, and what was there before stays until then. `-` and /dev/stdout are the standard output;
/// devices and pipes, which cannot be replaced, are written to directly (and who asks to stop while nobody reads them
/// gets Interrupted). A symbolic link keeps pointing where it did, also one to a file that is not there yet. (Not
/// forced to the disk: after a power failure either content may be found.)
class OutputFile {
 public:
  /// Raises ConfigError, naming the file and the system's reason, if it cannot be written: a directory, one that is
  /// missing, no permission.
  explicit OutputFile(std::string path);
  /// Without commit(), leaves no trace (except of what went directly to a device).
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Appends. Raises ConfigError, for instance when the disk is full. Not after commit().
  void write(std::string_view text);

  /// Makes the file appear. Once; raises ConfigError.
  void commit();

  const std::string& path() const { return path_; }  ///< as the user named it

 private:
  void open();
  void flush();
  std::size_t room();
  [[noreturn]] void fail() const;

  std::string path_;
  std::string target_;     ///< the file behind path_, where that is a link
  std::string temporary_;  ///< renamed by commit(); empty when written directly
  Temporary kept_;         ///< temporary_, for whoever kills the process
  std::string buffer_;     ///< not yet given to the system
  int descriptor_ = -1;    ///< -1 when closed, that is after commit()
  bool gave_up_ = false;   ///< on who does not read what is written directly
};

}  // namespace pagetoken
