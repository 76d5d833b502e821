#include "dialect/host/documents.h"

#include "base/check.h"

namespace sotto::dialect {

void DocumentsByDialect::add(std::string dialect, flow::Documents& owner) {
  const bool added = owners_.emplace(std::move(dialect), &owner).second;
  CHECK(added);
}

// A program names documents of its own dialect alone: another name is our bug.
flow::Documents& DocumentsByDialect::owner(const flow::DocumentRef& document) {
  const auto it = owners_.find(document.dialect);
  CHECK(it != owners_.end());
  return *it->second;
}

void DocumentsByDialect::next(flow::RequestId request, const flow::Subject& subject,
                              const flow::DocumentRef& document, const flow::Outcome& outcome) {
  owner(document).next(request, subject, document, outcome);
}

// A request's number does not say whose it is; who does not know it drops it.
void DocumentsByDialect::cancel(flow::RequestId request) {
  for (const auto& [dialect, owner] : owners_) owner->cancel(request);
}

void DocumentsByDialect::tell(const flow::Subject& subject, const flow::DocumentRef& document,
                              const flow::Outcome& outcome) {
  owner(document).tell(subject, document, outcome);
}

}  // namespace sotto::dialect
