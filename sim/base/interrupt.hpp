#pragma once
// Ctrl-C: the first asks for a clean end, the second ends at once.

namespace pagetoken {

/// From here on, a first SIGINT or SIGTERM only sets a flag; a second kills, as if nothing had been installed. A signal
/// that was ignored when the program started (nohup) stays ignored. Call once, from main.
void watch_interrupts();

/// Whether the user asked to stop; loops look at it every few milliseconds. Costs as much as reading a variable.
bool interrupted();

}  // namespace pagetoken
