#include "store/directory_json.h"

#include "store/columns.h"

namespace sotto::store {
namespace {

using namespace directory;
using base::Address;
using text::Json;
using text::JsonArray;
using text::JsonObject;

constexpr EnumNames<ExtensionKind, 4> kExtensionKinds{{"phone", "queue", "conference", "ivr"}};
constexpr EnumNames<NumberFormat, 3> kNumberFormats{{"plus", "bare", "national"}};
constexpr EnumNames<Address::Kind, 7> kAddressKinds{
    {"number", "phone", "user", "sip", "websocket", "application", "anonymous"}};

void read(const Json& json, std::string& out) {
  if (const std::string* text = json.text()) out = *text;
}
void read(const Json& json, bool& out) {
  if (const bool* value = json.boolean()) out = *value;
}
void read(const Json& json, uint32_t& out) {
  if (const int64_t* value = json.integer(); value != nullptr && *value >= 0 && *value <= UINT32_MAX) {
    out = static_cast<uint32_t>(*value);
  }
}
template <typename Tag>
void read(const Json& json, base::Id<Tag>& out) {
  if (const std::string* text = json.text()) out = id_of<base::Id<Tag>>(*text);
}
template <typename Tag>
void read(const Json& json, std::optional<base::Id<Tag>>& out) {
  if (const std::string* text = json.text()) out = base::parse_id<base::Id<Tag>>(*text);
}
template <typename Enum, size_t Size>
void read(const Json& json, const EnumNames<Enum, Size>& names, Enum& out) {
  if (const std::string* text = json.text()) out = names.value(*text);
}
void read(const Json& json, std::vector<std::string>& out) {
  const JsonArray* array = json.array();
  if (array == nullptr) return;
  for (const Json& each : *array) read(each, out.emplace_back());
}
void read(const Json& json, std::map<std::string, std::string>& out) {
  const JsonObject* object = json.object();
  if (object == nullptr) return;
  for (const auto& [key, value] : object->members()) read(value, out[key]);
}

Json texts(const std::vector<std::string>& values) {
  JsonArray array;
  for (const std::string& value : values) array.emplace_back(value);
  return array;
}

Json map_of(const std::map<std::string, std::string>& values) {
  JsonObject object;
  for (const auto& [key, value] : values) object.add(key, value);
  return object;
}

Json address_json(const Address& address) {
  return JsonObject{{"kind", kAddressKinds.name(address.kind)},
                    {"text", address.text},
                    {"display_name", address.display_name}};
}

Address address_of(const Json& json) {
  Address address;
  read(json["kind"], kAddressKinds, address.kind);
  read(json["text"], address.text);
  read(json["display_name"], address.display_name);
  return address;
}

Json assignment_json(const Assignment& assignment) {
  if (const auto* to = std::get_if<ToApplication>(&assignment))
    return JsonObject{{"application", to_column(to->application)}};
  if (const auto* to = std::get_if<ToDialect>(&assignment)) return JsonObject{{"dialect", to->dialect}};
  if (const auto* to = std::get_if<ToPhone>(&assignment)) return JsonObject{{"phone", to_column(to->phone)}};
  if (const auto* to = std::get_if<ToCampaign>(&assignment)) return JsonObject{{"campaign", to->campaign}};
  if (const auto* to = std::get_if<ToAddresses>(&assignment)) {
    JsonArray addresses;
    for (const Address& address : to->in_turn) addresses.push_back(address_json(address));
    return JsonObject{{"addresses", std::move(addresses)}};
  }
  return nullptr;
}

Assignment assignment_of(const Json& json) {
  if (const Json* to = json.find("application")) {
    ToApplication target;
    read(*to, target.application);
    return target;
  }
  if (const Json* to = json.find("dialect")) {
    ToDialect target;
    read(*to, target.dialect);
    return target;
  }
  if (const Json* to = json.find("phone")) {
    ToPhone target;
    read(*to, target.phone);
    return target;
  }
  if (const Json* to = json.find("campaign")) {
    ToCampaign target;
    read(*to, target.campaign);
    return target;
  }
  const Json* addresses = json.find("addresses");
  if (addresses == nullptr || addresses->array() == nullptr) return std::monostate{};
  ToAddresses target;
  for (const Json& each : *addresses->array()) target.in_turn.push_back(address_of(each));
  return target;
}

}  // namespace

Json to_json(const Account& a) {
  return JsonObject{{"id", to_column(a.id)},
                    {"name", a.name},
                    {"parent", to_column(a.parent)},
                    {"active", a.active},
                    {"silence_accepts", a.silence_accepts},
                    {"any_caller_id", a.any_caller_id},
                    {"emergency_calls", a.emergency_calls},
                    {"settings", map_of(a.settings)}};
}

void from_json(const Json& json, Account& a) {
  read(json["id"], a.id);
  read(json["name"], a.name);
  read(json["parent"], a.parent);
  read(json["active"], a.active);
  read(json["silence_accepts"], a.silence_accepts);
  read(json["any_caller_id"], a.any_caller_id);
  read(json["emergency_calls"], a.emergency_calls);
  read(json["settings"], a.settings);
}

Json to_json(const Application& a) {
  return JsonObject{{"id", to_column(a.id)},
                    {"account", to_column(a.account)},
                    {"name", a.name},
                    {"dialect", a.dialect},
                    {"settings", map_of(a.settings)}};
}

void from_json(const Json& json, Application& a) {
  read(json["id"], a.id);
  read(json["account"], a.account);
  read(json["name"], a.name);
  read(json["dialect"], a.dialect);
  read(json["settings"], a.settings);
}

Json to_json(const Number& n) {
  return JsonObject{{"id", to_column(n.id)},
                    {"digits", n.digits},
                    {"country", n.country},
                    {"pool", n.pool},
                    {"owner", to_column(n.owner)},
                    {"assignment", assignment_json(n.assignment)},
                    {"label", n.label},
                    {"settings", map_of(n.settings)}};
}

void from_json(const Json& json, Number& n) {
  read(json["id"], n.id);
  read(json["digits"], n.digits);
  read(json["country"], n.country);
  read(json["pool"], n.pool);
  read(json["owner"], n.owner);
  n.assignment = assignment_of(json["assignment"]);
  read(json["label"], n.label);
  read(json["settings"], n.settings);
}

Json to_json(const Organisation& o) {
  return JsonObject{{"id", to_column(o.id)},
                    {"account", to_column(o.account)},
                    {"name", o.name},
                    {"prefix", o.prefix},
                    {"supervision_allowed", o.supervision_allowed}};
}

void from_json(const Json& json, Organisation& o) {
  read(json["id"], o.id);
  read(json["account"], o.account);
  read(json["name"], o.name);
  read(json["prefix"], o.prefix);
  read(json["supervision_allowed"], o.supervision_allowed);
}

Json to_json(const Phone& p) {
  return JsonObject{{"id", to_column(p.id)},
                    {"account", to_column(p.account)},
                    {"organisation", to_column(p.organisation)},
                    {"user", p.user},
                    {"extension", p.extension},
                    {"kind", kExtensionKinds.name(p.kind)},
                    {"owner", p.owner},
                    {"caller_id_name", p.caller_id_name},
                    {"caller_id_number", p.caller_id_number},
                    {"ha1", map_of(p.ha1)},
                    {"may_record", p.may_record},
                    {"settings", map_of(p.settings)}};
}

void from_json(const Json& json, Phone& p) {
  read(json["id"], p.id);
  read(json["account"], p.account);
  read(json["organisation"], p.organisation);
  read(json["user"], p.user);
  read(json["extension"], p.extension);
  read(json["kind"], kExtensionKinds, p.kind);
  read(json["owner"], p.owner);
  read(json["caller_id_name"], p.caller_id_name);
  read(json["caller_id_number"], p.caller_id_number);
  read(json["ha1"], p.ha1);
  read(json["may_record"], p.may_record);
  read(json["settings"], p.settings);
}

Json to_json(const Trunk& t) {
  return JsonObject{{"id", to_column(t.id)},
                    {"name", t.name},
                    {"hosts", texts(t.hosts)},
                    {"allow_from", texts(t.allow_from)},
                    {"user", t.user},
                    {"password", t.password},
                    {"registers", t.registers},
                    {"priority", t.priority},
                    {"weight", t.weight},
                    {"format", kNumberFormats.name(t.format)},
                    {"country", t.country},
                    {"destinations", texts(t.destinations)},
                    {"channels_max", t.channels_max},
                    {"calls_per_second_max", t.calls_per_second_max},
                    {"emergency", t.emergency},
                    {"writes_identity", t.writes_identity},
                    {"codecs", texts(t.codecs)}};
}

void from_json(const Json& json, Trunk& t) {
  read(json["id"], t.id);
  read(json["name"], t.name);
  read(json["hosts"], t.hosts);
  read(json["allow_from"], t.allow_from);
  read(json["user"], t.user);
  read(json["password"], t.password);
  read(json["registers"], t.registers);
  read(json["priority"], t.priority);
  read(json["weight"], t.weight);
  read(json["format"], kNumberFormats, t.format);
  read(json["country"], t.country);
  read(json["destinations"], t.destinations);
  read(json["channels_max"], t.channels_max);
  read(json["calls_per_second_max"], t.calls_per_second_max);
  read(json["emergency"], t.emergency);
  read(json["writes_identity"], t.writes_identity);
  read(json["codecs"], t.codecs);
}

}  // namespace sotto::store
