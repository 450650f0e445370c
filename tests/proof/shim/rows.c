// Reads all rows of one table of an LMDB environment, without the engine: a second opinion on what is in a store.
#include <errno.h>
#include <lmdb.h>
#include <stdint.h>
#include <string.h>

enum { most_tables = 64 };

// Each row as length of key, length of value (four bytes each), key, value.
static long copy_rows(MDB_cursor* cursor, char* into, size_t room) {
  size_t used = 0;
  MDB_val key;
  MDB_val value;
  int code = 0;
  while ((code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
    const uint32_t lengths[2] = {(uint32_t)key.mv_size, (uint32_t)value.mv_size};
    if (used + sizeof lengths + key.mv_size + value.mv_size > room)
      return -ENOSPC;
    memcpy(into + used, lengths, sizeof lengths);
    used += sizeof lengths;
    memcpy(into + used, key.mv_data, key.mv_size);
    used += key.mv_size;
    memcpy(into + used, value.mv_data, value.mv_size);
    used += value.mv_size;
  }
  return code == MDB_NOTFOUND ? (long)used : -(code < 0 ? EIO : code);
}

static long rows_within(MDB_txn* view, const char* table, char* into, size_t room) {
  MDB_dbi rows;
  int code = mdb_dbi_open(view, *table != 0 ? table : NULL, 0, &rows);
  if (code == MDB_NOTFOUND)
    return 0;
  MDB_cursor* cursor = NULL;
  if (code != 0 || (code = mdb_cursor_open(view, rows, &cursor)) != 0)
    return -EIO;
  const long used = copy_rows(cursor, into, room);
  mdb_cursor_close(cursor);
  return used;
}

// How many bytes of rows there are in `into`, or a negative error number. An empty name is the unnamed table.
long rows_of(const char* directory, const char* table, char* into, size_t room) {
  MDB_env* env = NULL;
  if (mdb_env_create(&env) != 0)
    return -ENOMEM;
  mdb_env_set_maxdbs(env, most_tables);
  MDB_txn* view = NULL;
  long used = -EIO;
  if (mdb_env_open(env, directory, MDB_RDONLY | MDB_NOLOCK, 0) == 0 && mdb_txn_begin(env, NULL, MDB_RDONLY, &view) == 0)
    used = rows_within(view, table, into, room);
  if (view != NULL)
    mdb_txn_abort(view);
  mdb_env_close(env);
  return used;
}

// Begins to look at the environment as any reader does, and never ends; 0, or an error of LMDB's.
int hold_view(const char* directory) {
  MDB_env* env = NULL;
  MDB_txn* view = NULL;
  int code = mdb_env_create(&env);
  if (code == 0)
    code = mdb_env_open(env, directory, MDB_RDONLY, 0);
  return code == 0 ? mdb_txn_begin(env, NULL, MDB_RDONLY, &view) : code;
}

// Bytes up to the last page that was ever used, or a negative error number.
long used_bytes(const char* directory) {
  MDB_env* env = NULL;
  if (mdb_env_create(&env) != 0)
    return -ENOMEM;
  long used = -EIO;
  MDB_envinfo facts;
  MDB_stat pages;
  if (mdb_env_open(env, directory, MDB_RDONLY | MDB_NOLOCK, 0) == 0 && mdb_env_info(env, &facts) == 0 &&
      mdb_env_stat(env, &pages) == 0)
    used = (long)((facts.me_last_pgno + 1) * pages.ms_psize);
  mdb_env_close(env);
  return used;
}
