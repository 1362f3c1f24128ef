#pragma once
#include <loci/transcript/drafts.hpp>

#include <filesystem>

namespace loci::transcript {

/// Reads an IRC log as the disentanglement corpus of Ubuntu has them: `X.raw.txt`, and beside it,
/// where it is there, `X.annotation.txt` with the lines that answer each other.
///
/// A log is one conversation of source "irc", named X. Each line `[HH:MM] <nick> text` is a message
/// whose source_id is its line number, from 0 as the annotations count; lines about joins, parts
/// and actions are notes. Of the lines that a message answers the nearest message before it becomes
/// the parent, all are listed in its metadata as "replies_to"; a link of a line to itself is its
/// "starts_thread". A link of a line that is no message is a note.
///
/// The date comes from X. Where X ends with an hour too (`dev_2004-11-15_03`) that is the hour of
/// the first annotated line, else the date is that line's. The clock may have 12 or 24 hours: the
/// logs do not say, so a clock that falls back moves on by as many half days as it takes to go on.
/// Messages of one minute are a microsecond apart. Lines are streamed; the links of one log are
/// held.
///
/// Errors: none; a log that cannot be read is a fault told to `sink`.
void read_irc(const std::filesystem::path& raw_file, Sink& sink);

}  // namespace loci::transcript
