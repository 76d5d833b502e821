#include <cstdlib>

#include <gtest/gtest.h>
#include <unistd.h>

#include "media/real_time.h"

#if defined(__SANITIZE_ADDRESS__)
// From sanitizer/allocator_interface.h, which GCC 12 does not install.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, size_t),
                                                         void (*on_free)(const volatile void*));
#endif

// Every test of this folder runs with it: whoever takes or frees memory inside a media turn ends the process.
namespace sotto::media {
namespace {

#if defined(__SANITIZE_ADDRESS__)

void refuse() {
  if (!RealTimeScope::active()) return;
  static const char kMessage[] = "memory taken or freed inside a media turn\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
  std::abort();
}

const int kInstalled = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, size_t) { refuse(); }, [](const volatile void*) { refuse(); });

TEST(RealTimeGuardDeathTest, EndsWhoAllocatesInATurn) {
  ASSERT_NE(kInstalled, 0);
  EXPECT_DEATH(
      {
        const RealTimeScope scope;
        void* volatile memory = std::malloc(16);
        std::free(memory);
      },
      "inside a media turn");
}

#endif

}  // namespace
}  // namespace sotto::media
