#pragma once
#include "transcript/format_reader.hpp"

#include <loci/transcript/import.hpp>

#include <memory>
#include <optional>
#include <string_view>

namespace loci::transcript {

/// What a JSON record looks like; nothing when it could be of any format or of none. A record of
/// the file's first few is enough to tell; irc is no JSON and never told here.
[[nodiscard]] std::optional<Format> sniff(const Json& record);

/// True when `name` or the first bytes of the file are those of an IRC log.
[[nodiscard]] bool is_irc_log(std::string_view name, std::string_view first_bytes);

/// True when the first bytes are those of a zip.
[[nodiscard]] bool is_zip(std::string_view first_bytes);

/// The reader of a format whose records are JSON: any but automatic and irc, which give null.
[[nodiscard]] std::unique_ptr<FormatReader> make_reader(Format format, Sink& sink,
                                                        const ReaderLimits& limits = {});

}  // namespace loci::transcript
