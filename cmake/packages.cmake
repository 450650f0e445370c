# The libraries Parley stands on, all of them packages of Debian 12; building downloads nothing.

find_package(Threads REQUIRED)
find_package(CAF 0.17.6 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(LMDB 0.9.24 REQUIRED)
find_package(libjwt 1.10 REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(xxhash 0.8 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(LibArchive 3.6 REQUIRED)
find_package(ICU 72 REQUIRED COMPONENTS uc i18n)
find_package(zstd 1.5 REQUIRED)
find_package(ZLIB 1.2 REQUIRED)

# Debian keeps msgpack-config.cmake in a folder of another name; the target is `msgpackc-cxx`.
find_package(msgpack 4.1 REQUIRED CONFIG)

# The released server's allocator; who embeds the libraries has one of their own.
if(PARLEY_JEMALLOC)
  find_library(JEMALLOC_LIBRARY jemalloc REQUIRED)
endif()

# Debian's own Python, with its module yaml: another one on the PATH would lack it.
find_program(PARLEY_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

if(PARLEY_TESTS)
  find_package(Catch2 REQUIRED)
endif()
