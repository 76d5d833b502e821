// Two threads on one ring: the thread sanitizer watches the hand-over, the assertions watch order and
// content.
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "base/spsc_ring.h"

namespace sotto::base {
namespace {

constexpr uint64_t kMessages = 300'000;

struct Message {
  uint64_t number = 0;
  uint64_t check = 0;  // written with `number`: a torn or early read shows
};

TEST(SpscRingRace, EveryMessageArrivesOnceWholeAndInOrder) {
  SpscRing<Message, 64> ring;
  std::thread writer([&] {
    for (uint64_t i = 0; i < kMessages; ++i) {
      Message message{i, ~i};
      while (!ring.push(std::move(message))) std::this_thread::yield();
    }
  });
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < kMessages; ++i) {
    Message message;
    while (!ring.pop(message)) std::this_thread::yield();
    wrong += message.number != i || message.check != ~i;
  }
  writer.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.size(), 0u);
}

// As the engine uses it: objects go one way by command, and come back to be freed where they were made.
TEST(SpscRingRace, ObjectsGoThereAndBack) {
  SpscRing<std::unique_ptr<Message>, 16> commands;
  SpscRing<std::unique_ptr<Message>, 16> freed;
  std::thread worker([&] {
    for (uint64_t i = 0; i < kMessages / 10; ++i) {
      std::unique_ptr<Message> object;
      while (!commands.pop(object)) std::this_thread::yield();
      object->check += object->number;
      while (!freed.push(std::move(object))) std::this_thread::yield();
    }
  });
  uint64_t sent = 0;
  uint64_t sum = 0;
  for (uint64_t received = 0; received < kMessages / 10;) {
    if (sent < kMessages / 10 && commands.push(std::make_unique<Message>(Message{sent, 1}))) ++sent;
    std::unique_ptr<Message> object;
    if (!freed.pop(object)) continue;
    EXPECT_EQ(object->number, received);
    sum += object->check - object->number;
    ++received;
  }
  worker.join();
  EXPECT_EQ(sum, kMessages / 10);
}

}  // namespace
}  // namespace sotto::base
