// One record of the journal, and what all processes that write one share.
#pragma once

#include <stdatomic.h>
#include <stdint.h>

// Behind each record come `bytes` bytes.
struct record {
  uint8_t kind;
  uint8_t flags;
  uint16_t unused;
  uint32_t process;
  uint64_t file; // its inode: on a tmpfs none is used twice
  uint64_t offset;
  uint64_t length;
  uint64_t bytes;
};

enum kind {
  kind_named = 'F',     // a file that was there: its path
  kind_created = 'C',   // its path
  kind_directory = 'D', // made: its path
  kind_write = 'W',     // at `offset`
  kind_written = 'w',   // the write with number `offset` is on disk, since the file is open with O_DSYNC
  kind_truncated = 'T', // to `length`
  kind_allocated = 'A', // `length` bytes from `offset` on
  kind_sync = 'B',      // a sync begins; of a directory with its path
  kind_synced = 'E',    // the one with number `offset` is done
  kind_renamed = 'R',   // two paths, with a zero byte between
  kind_linked = 'L',    // two paths: the second is another name of the first
  kind_unlinked = 'U',  // its path
  kind_removed = 'V',   // a directory: its path
  kind_told = 'S',      // bytes that went out on the socket with inode `file`
  kind_fault = 'X',     // a call failed because it was asked to; which one is what follows
  kind_unknown = '?',   // something that the journal cannot express: what it was
};

enum flag { flag_directory = 1, flag_exchanged = 2 };

struct shared {
  atomic_int taken;
  uint64_t records;
};
