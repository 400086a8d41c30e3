#!/bin/bash
# Records the loads, stores and system calls of real programs under valgrind's lackey, and imports them: one client a
# process, files shared by name, accesses through shared mappings and calls only.
#   configs/workloads/record.sh sqlite DIR      two readers and a writer on one database that is mapped into memory
#   configs/workloads/record.sh lmdb DIR        two processes of a small LMDB program (needs liblmdb-dev and cc)
#   configs/workloads/record.sh run DIR -- COMMAND...   one process of your own; give it again to add another
# Leaves DIR/*.lackey and DIR/accesses.pt, which a run takes as {"trace": "DIR/accesses.pt", "format": "pagetoken"}.
set -euo pipefail

readonly kWhat=${1:?what to record: sqlite, lmdb or run}
readonly kDir=${2:?where to put it}
readonly kPagetoken=${PAGETOKEN:-$(dirname "$0")/../../build/release/pagetoken}
mkdir -p "$kDir"

need() { command -v "$1" >/dev/null || { echo "record.sh: $1 is missing: apt-get install $2" >&2; exit 2; }; }
need valgrind valgrind

# record NAME COMMAND...: the program's own output stays; the recording goes to DIR/NAME.lackey.
record() {
  local name=$1
  shift
  valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes --log-file="$kDir/$name.lackey" "$@"
}

case $kWhat in
  sqlite)
    need sqlite3 sqlite3
    db=$(realpath "$kDir")/data.db
    rm -f "$db"
    sqlite3 "$db" 'CREATE TABLE t(k INTEGER PRIMARY KEY, v TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO t SELECT i, hex(randomblob(40)) FROM n;'
    record reader1 sqlite3 "$db" 'PRAGMA mmap_size=268435456; SELECT sum(length(v)) FROM t WHERE k BETWEEN 1 AND 1500;'
    record writer sqlite3 "$db" "PRAGMA mmap_size=268435456; UPDATE t SET v = lower(v) WHERE k BETWEEN 700 AND 760;"
    record reader2 sqlite3 "$db" 'PRAGMA mmap_size=268435456; SELECT sum(length(v)) FROM t WHERE k BETWEEN 1000 AND 3000;'
    ;;
  lmdb)
    need cc gcc
    cat >"$kDir/lmdb_test.c" <<'C'
/* lmdb_test DIR FIRST COUNT: writes COUNT records from FIRST on through a writable map, and reads all of them back. */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#define DO(call) do { int e = (call); if (e) { fprintf(stderr, "%s\n", mdb_strerror(e)); return 1; } } while (0)
int main(int argc, char** argv) {
  if (argc != 4) return 2;
  MDB_env* env; MDB_txn* txn; MDB_dbi dbi; MDB_cursor* cursor; MDB_val k, v;
  DO(mdb_env_create(&env));
  DO(mdb_env_set_mapsize(env, 1 << 20));
  DO(mdb_env_open(env, argv[1], MDB_WRITEMAP, 0644));
  for (int i = 0; i < atoi(argv[3]); ++i) {
    char value[64];
    int key = atoi(argv[2]) + i;
    DO(mdb_txn_begin(env, NULL, 0, &txn));
    DO(mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &dbi));
    k.mv_size = sizeof key; k.mv_data = &key;
    v.mv_size = (size_t)snprintf(value, sizeof value, "value %d", key); v.mv_data = value;
    DO(mdb_put(txn, dbi, &k, &v, 0));
    DO(mdb_txn_commit(txn));
  }
  long n = 0;
  DO(mdb_txn_begin(env, NULL, MDB_RDONLY, &txn));
  DO(mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &dbi));
  DO(mdb_cursor_open(txn, dbi, &cursor));
  while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) ++n;
  mdb_cursor_close(cursor);
  mdb_txn_abort(txn);
  mdb_env_close(env);
  printf("%ld records\n", n);
  return 0;
}
C
    cc -O1 -o "$kDir/lmdb_test" "$kDir/lmdb_test.c" -llmdb
    rm -rf "$kDir/lmdb"
    mkdir "$kDir/lmdb"
    record first "$kDir/lmdb_test" "$(realpath "$kDir")/lmdb" 0 100 &
    record second "$kDir/lmdb_test" "$(realpath "$kDir")/lmdb" 1000 100 &
    wait
    ;;
  run)
    shift 2
    [[ ${1:-} == -- ]] && shift
    record "process$(find "$kDir" -maxdepth 1 -name '*.lackey' | wc -l)" "$@"
    ;;
  *) echo "record.sh: unknown recording '$kWhat'" >&2; exit 2 ;;
esac

"$kPagetoken" import lackey "$kDir"/*.lackey -o "$kDir/accesses.pt"
