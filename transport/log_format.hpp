// Log lines as text or as JSON objects.
#pragma once

#include <memory>
#include <string>

#include <spdlog/formatter.h>

namespace parley {

/// `2026-01-31T12:00:00.000Z info event key=value`.
std::unique_ptr<spdlog::formatter> text_lines();

/// `{"time":"2026-01-31T12:00:00.000Z","level":"info","event":"event","key":"value"}`. Numbers and
/// truth values stay what they are; bytes that are no UTF-8 become question marks; what is not an
/// event with fields becomes `message`.
std::unique_ptr<spdlog::formatter> json_lines();

} // namespace parley
