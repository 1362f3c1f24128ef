#pragma once
/// What Loci keeps, as plain values, and what can be done with each kind. A record never names its
/// tenant: the storage it came from does.
#include <loci/storage/conversation.hpp>
#include <loci/storage/embedding.hpp>
#include <loci/storage/memory.hpp>
#include <loci/storage/message.hpp>
#include <loci/storage/tool.hpp>
