#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "directory/model.h"

namespace sotto::directory {

struct Entities {
  std::vector<Account> accounts;
  std::vector<Application> applications;
  std::vector<Number> numbers;
  std::vector<Organisation> organisations;
  std::vector<Phone> phones;
  std::vector<Trunk> trunks;
};

// All entities at one moment, with their indices. Immutable; shared by pointer; no call path reads the store.
class Snapshot {
 public:
  // Refuses what contradicts itself: two phones with one extension, a number that is not digits, a dangling
  // id.
  static Result<std::shared_ptr<const Snapshot>> create(Entities entities);

  const Entities& all() const { return entities_; }
  const Account* account(AccountId id) const;
  const Application* application(ApplicationId id) const;
  const Number* number(NumberId id) const;
  const Number* number(std::string_view digits) const;
  const Organisation* organisation(OrganisationId id) const;
  const Phone* phone(PhoneId id) const;
  const Phone* phone_by_extension(std::string_view extension) const;
  const Phone* phone_by_user(std::string_view user) const;
  const Trunk* trunk(TrunkId id) const;

 private:
  struct OnlyCreate {};

 public:
  explicit Snapshot(OnlyCreate) {}

 private:
  Result<void> build_indices();
  Result<void> check_references() const;

  Entities entities_;
  std::unordered_map<AccountId, size_t> accounts_;
  std::unordered_map<ApplicationId, size_t> applications_;
  std::unordered_map<NumberId, size_t> numbers_;
  std::unordered_map<std::string, size_t> numbers_by_digits_;
  std::unordered_map<OrganisationId, size_t> organisations_;
  std::unordered_map<PhoneId, size_t> phones_;
  std::unordered_map<std::string, size_t> phones_by_extension_;
  std::unordered_map<std::string, size_t> phones_by_user_;
  std::unordered_map<TrunkId, size_t> trunks_;
};

}  // namespace sotto::directory
