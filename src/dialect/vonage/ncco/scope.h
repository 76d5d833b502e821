#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "dialect/vonage/ncco/document.h"

namespace sotto::vonage {

// What a parse must know of the world: the call that the NCCO is for, and its account.
class Scope : public DocumentKeeper {
 public:
  virtual std::string application() const = 0;  // room names are its own
  // What a callee is shown for this number of the app's.
  virtual base::Address present(const std::string& number) const = 0;
  virtual std::optional<std::string> random_number() const = 0;
  // The name of the room that has this conversation id.
  virtual std::optional<std::string> room_of(std::string_view conversation) const = 0;
  virtual bool silence_accepts() const = 0;
  // Of the kind that signs webhooks, for the handshake of a WebSocket; empty: the application wants none.
  virtual std::string socket_token() const = 0;
  virtual std::chrono::seconds room_wait_max() const = 0;
};

// A call of nobody's: for checking a document.
class EmptyScope final : public Scope {
 public:
  flow::DocumentRef keep(Document) override { return {"vonage", ++kept_}; }
  std::string application() const override { return "app"; }
  base::Address present(const std::string& number) const override {
    return {base::Address::Kind::Number, number, {}};
  }
  std::optional<std::string> random_number() const override { return std::nullopt; }
  std::optional<std::string> room_of(std::string_view conversation) const override {
    return "app:" + std::string(conversation);
  }
  bool silence_accepts() const override { return true; }
  std::string socket_token() const override { return {}; }
  std::chrono::seconds room_wait_max() const override { return std::chrono::seconds(900); }

 private:
  uint64_t kept_ = 0;
};

}  // namespace sotto::vonage
