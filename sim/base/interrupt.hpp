#pragma once
// Ctrl-C, and what else asks a process to end: the first asks for a clean end, the second ends at once.

namespace pagetoken {

/// Thrown where the user asked to stop and what is under way cannot be told in part. No std::exception: who catches
/// errors, to tell them or to keep them as results, does not catch this. Ends the program with exit code 130.
struct Interrupted {};

/// From here on, a first SIGINT, SIGTERM or SIGHUP sets a flag and interrupts what the process waits for (EINTR); a
/// second kills, as if nothing had been installed, but leaves no temporary file. One that follows within a quarter of a
/// second is the same request told twice (timeout signals the process and its group, a terminal that goes its whole
/// session), unless Ctrl-C is among the two. Where nobody has asked for the flag in five seconds, the process ends with
/// exit code 130. A signal that was ignored when the program started (nohup) stays ignored. SIGPIPE and SIGXFSZ are
/// ignored: whoever writes is told, as of a full disk. Call once, from main.
void watch_interrupts();

/// Whether the user asked to stop; loops look at it every few milliseconds. Costs as much as reading a variable.
bool interrupted();

/// Throws Interrupted if so.
inline void stop_if_interrupted() {
  if (interrupted()) throw Interrupted();
}

/// For a child process whose parent decides what becomes of it: what asks to stop, and what did before, is ignored.
void leave_interrupts_to_parent();

}  // namespace pagetoken
