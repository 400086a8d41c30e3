#pragma once
// The JSON Schemas of configurations, made from the tables that read it.

#include "sim/json/json.hpp"

namespace pagetoken {

/// Draft 7, for editors and other programs: configs/schema/run.json is this, written by a test. Protocols and their
/// parameters are not listed, since plugins add more.
Json run_config_schema();

/// The same of a sweep: configs/schema/sweep.json.
Json sweep_config_schema();

}  // namespace pagetoken
