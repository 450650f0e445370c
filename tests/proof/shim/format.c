// Puts a row with a good checksum into an LMDB environment, as a program of another version would have written it.
#define XXH_INLINE_ALL
#include <lmdb.h>
#include <stdint.h>
#include <string.h>
#include <xxhash.h>

enum { most_tables = 64, most_bytes = 4096, sum_bytes = 8 };

static int put_within(MDB_txn* writing, const char* table, MDB_val* key, MDB_val* value) {
  MDB_dbi rows;
  int code = mdb_dbi_open(writing, *table != 0 ? table : NULL, 0, &rows);
  if (code == 0)
    code = mdb_put(writing, rows, key, value, 0);
  return code;
}

// `seed` is what the sum of the payload begins with. 0, or an error of LMDB's.
int put_row(const char* directory, const char* table, const char* key, size_t key_bytes, const char* payload, size_t bytes,
            uint64_t seed) {
  char row[most_bytes];
  const uint64_t sum = XXH3_64bits_withSeed(payload, bytes, seed);
  for (int i = 0; i < sum_bytes; ++i)
    row[i] = (char)(sum >> (56 - 8 * i));
  memcpy(row + sum_bytes, payload, bytes);
  MDB_val named = {key_bytes, (void*)key};
  MDB_val value = {sum_bytes + bytes, row};
  MDB_env* env = NULL;
  MDB_txn* writing = NULL;
  int code = mdb_env_create(&env);
  if (code == 0)
    code = mdb_env_set_maxdbs(env, most_tables);
  if (code == 0)
    code = mdb_env_open(env, directory, 0, 0600);
  if (code == 0)
    code = mdb_txn_begin(env, NULL, 0, &writing);
  if (code == 0)
    code = put_within(writing, table, &named, &value);
  if (code == 0)
    code = mdb_txn_commit(writing);
  mdb_env_close(env);
  return code;
}

// The sum of a key of the first table, which its rows' sums begin with.
uint64_t sum_of_key(const char* key, size_t bytes) { return XXH3_64bits_withSeed(key, bytes, 0); }
