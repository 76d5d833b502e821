# Compiler settings shared by every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
find_package(Threads REQUIRED)

# "write": a program that counts what runs; "read": one laid out by what was counted (ADR 14). Empty: neither.
set(SOTTO_PROFILE "" CACHE STRING "write or read a profile in the build folder")

find_program(CCACHE ccache)
if(CCACHE AND NOT SOTTO_PROFILE)
  # Sloppiness lets ccache keep objects that use a precompiled header; the inode cache spares it reading that for each.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
               CCACHE_INODECACHE=1 CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

# GCC optimises the release build as a whole when it links it, which saves a call a tenth of its time; lld cannot take part.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  # It sees the frames of one coroutine from several files, whose members the compiler has named differently.
  add_link_options(-Wno-odr)
else()
  find_program(LLD ld.lld)
  if(LLD)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

if(SOTTO_PROFILE STREQUAL "write")
  # It goes into place when all of it is written.
  add_compile_options(-fprofile-generate -fprofile-update=prefer-atomic -fprofile-dir=${PROJECT_BINARY_DIR}/profile.new)
  add_link_options(-fprofile-generate)
elseif(SOTTO_PROFILE STREQUAL "read")
  # What was not trained is compiled as ever, and so is what has changed since.
  add_compile_options(-fprofile-use -fprofile-dir=${PROJECT_BINARY_DIR}/profile -fprofile-partial-training
                      -fprofile-correction -Wno-missing-profile -Wno-coverage-mismatch)
endif()

# Linking a sanitized binary takes gigabytes: never more than two at a time.
set_property(GLOBAL PROPERTY JOB_POOLS link=2)
set(CMAKE_JOB_POOL_LINK link)

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 takes the two halves of a coroutine frame's own allocator for a mismatch.
  add_compile_options(-fpch-preprocess -Wno-missing-field-initializers -Wno-mismatched-new-delete)
  # The compiler collects its own garbage later: up to 400 MB a job for a tenth of the time.
  add_compile_options($<$<CONFIG:Release>:--param=ggc-min-heapsize=400000>)
  # Optimised, it also takes what an inlined `expected` does not hold for used. The dev build has these warnings on.
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overread -Wno-stringop-overflow -Wno-array-bounds)
  endif()
else()
  add_compile_options(-Wno-missing-field-initializers -Wno-missing-designated-field-initializers -Wno-unknown-warning-option)
  # clang 14 knows C++20 coroutines, but libstdc++'s header asks for GCC's macro.
  add_compile_definitions(__cpp_impl_coroutine=201902L BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1)
endif()
if(SOTTO_WERROR)
  add_compile_options(-Werror)
endif()
if(SOTTO_SANITIZE)
  add_compile_options(-fsanitize=${SOTTO_SANITIZE})
  add_link_options(-fsanitize=${SOTTO_SANITIZE})
  if(SOTTO_SANITIZE STREQUAL "thread")
    # g++ 12 takes its own instrumentation for overflows. The dev build sees the same sources.
    add_compile_options(-w)
  endif()
  if(SOTTO_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
    if(NOT SOTTO_FUZZ)
      # A third of the build's time for what the address sanitizer or a warning finds too; fuzz targets keep them.
      add_compile_options(-fno-sanitize=null,alignment,object-size,vptr,pointer-overflow,nonnull-attribute)
      add_compile_options(-fno-sanitize=returns-nonnull-attribute,return)
    endif()
  endif()
endif()
if(SOTTO_FUZZ)
  # Clang before 17 cannot compile a coroutine with the check of function types.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=function)
endif()

# The same for every target, so that all can share one precompiled header.
add_compile_definitions(SPDLOG_COMPILED_LIB SPDLOG_FMT_EXTERNAL BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
