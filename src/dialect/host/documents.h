#pragma once

#include <string>
#include <unordered_map>

#include "flow/document.h"

namespace sotto::dialect {

// The engine's one Documents: hands each question to the dialect that the document names. Control thread.
class DocumentsByDialect final : public flow::Documents {
 public:
  // `owner` outlives it. Each name once.
  void add(std::string dialect, flow::Documents& owner);

  void next(flow::RequestId request, const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome) override;
  void cancel(flow::RequestId request) override;
  void tell(const flow::Subject& subject, const flow::DocumentRef& document,
            const flow::Outcome& outcome) override;

 private:
  flow::Documents& owner(const flow::DocumentRef& document);

  std::unordered_map<std::string, flow::Documents*> owners_;
};

}  // namespace sotto::dialect
