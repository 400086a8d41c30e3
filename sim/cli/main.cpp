// The one place where errors end: a line on stderr and an exit code.

#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "protocols/api/require.hpp"
#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/text.hpp"
#include "sim/cli/commands.hpp"

namespace {

int fail(pagetoken::ExitCode code, const std::string& line) {
  std::fprintf(stderr, "pagetoken: %s\n", line.c_str());
  return static_cast<int>(code);
}

/// Whoever opens a file must not be given the number of a standard stream that the caller has closed: what is printed
/// would go there. What is opened in its place refuses what the stream is for, as a closed one does.
void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(descriptor, F_GETFD) < 0) ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// A full disk may be found out only when the buffer is written.
int flushed(pagetoken::ExitCode code) {
  const bool written = std::fflush(stdout) == 0 && !std::ferror(stdout);
  if (written || code == pagetoken::ExitCode::interrupted) return static_cast<int>(code);
  return fail(pagetoken::ExitCode::usage,
              "standard output: cannot be written: " + std::generic_category().message(errno));
}

}  // namespace

int main(int argc, char** argv) {
  using pagetoken::ExitCode;
  try {
    occupy_standard_descriptors();
    pagetoken::watch_interrupts();
    return flushed(pagetoken::run_command_line(argc, argv));
  } catch (const pagetoken::Interrupted&) {
    std::fflush(stdout);
    return fail(ExitCode::interrupted, "interrupted");
  } catch (const pagetoken::ConfigError& error) {
    return fail(ExitCode::usage, error.what());
  } catch (const pagetoken::ProtocolError& error) {  // of a protocol that cannot even be set up
    return fail(ExitCode::usage, pagetoken::one_line(error.what(), 1000));
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::internal, "out of memory");
  } catch (const std::system_error& error) {  // fmt's, when what it prints does not fit on the disk
    if (std::ferror(stdout) && pagetoken::interrupted()) return static_cast<int>(ExitCode::interrupted);
    const std::error_code code = error.code();
    if (code == std::errc::too_many_files_open || code == std::errc::too_many_files_open_in_system ||
        code == std::errc::resource_unavailable_try_again)
      return fail(ExitCode::usage,
                  pagetoken::one_line(error.what()) + "; fewer jobs (-j), or a higher limit (ulimit -n, ulimit -u)");
    if (std::ferror(stdout))
      return fail(ExitCode::usage, "standard output: cannot be written: " + error.code().message());
    return fail(ExitCode::internal, "internal error: " + pagetoken::one_line(error.what(), 1000));
  } catch (const std::exception& error) {
    return fail(ExitCode::internal, "internal error: " + pagetoken::one_line(error.what(), 1000));
  }
}
