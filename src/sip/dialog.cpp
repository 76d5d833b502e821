#include "sip/dialog.h"

#include <algorithm>

namespace sotto::sip {
namespace {

std::string join_routes(const Message& message, bool reversed) {
  auto routes = addresses(message, HeaderName::RecordRoute);
  if (!routes) return {};
  if (reversed) std::reverse(routes->begin(), routes->end());
  std::string out;
  for (const NameAddr& route : *routes) {
    if (!out.empty()) out += ", ";
    out += route.text;
  }
  return out;
}

Protocol protocol_of(const Uri& uri, Protocol otherwise) {
  const auto name = find_param(uri.params, "transport");
  if (!name) return uri.scheme == Scheme::Sips ? Protocol::Tls : otherwise;
  for (const Protocol protocol : {Protocol::Udp, Protocol::Tcp, Protocol::Tls, Protocol::Ws, Protocol::Wss}) {
    if (iequals(to_string(protocol), *name)) return protocol;
  }
  return otherwise;
}

}  // namespace

std::string without_tag(const NameAddr& address) {
  std::string out;
  if (!address.display.empty()) out.append(address.display).append(" ");
  return out.append("<").append(address.uri.text).append(">");
}

std::string make_contact(std::string_view user, std::string_view host_port, Protocol protocol) {
  std::string out = "<sip:";
  if (!user.empty()) out.append(user).append("@");
  out.append(host_port);
  if (protocol != Protocol::Udp) {
    out += ";transport=";
    for (const char c : to_string(protocol)) out += to_lower(c);
  }
  return out += ">";
}

Dialog Dialog::from_invite(const Message& invite, const Flow& flow, std::string local_tag,
                           std::string contact) {
  Dialog dialog;
  dialog.call_id = invite.call_id;
  dialog.local_uri = without_tag(invite.to);
  dialog.local_tag = std::move(local_tag);
  dialog.remote_uri = without_tag(invite.from);
  dialog.remote_tag = invite.from.tag();
  dialog.remote_target = invite.from.uri.text;  // RFC 2543 clients may send no Contact
  dialog.route = join_routes(invite, false);
  dialog.contact = std::move(contact);
  dialog.flow = flow;
  dialog.remote_cseq = invite.cseq.number;
  dialog.refresh_target(invite);
  return dialog;
}

void Dialog::learn(const Message& response) {
  remote_tag = response.to.tag();
  route = join_routes(response, true);
  refresh_target(response);
}

void Dialog::refresh_target(const Message& message) {
  if (const Header* contact_header = message.find(HeaderName::Contact)) {
    Scanner scanner(contact_header->value);
    if (const auto address = take_name_addr(scanner); address && address->uri.is_sip())
      remote_target = address->uri.text;
  }
  if (message.find(HeaderName::Allow) != nullptr)
    peer_takes_update = message.lists(HeaderName::Allow, "UPDATE");
}

Flow Dialog::next_hop(Transport& transport) const {
  if (flow_bound) return flow;
  const std::string_view routes = route;
  const auto first_route =
      parse_uri(routes.substr(routes.find('<') + 1, routes.find('>') - routes.find('<') - 1));
  const auto target = parse_uri(remote_target);
  const auto& uri = first_route ? first_route : target;
  if (!uri || !uri->is_sip()) return flow;
  auto address = parse_ip(uri->host, uri->port != 0 ? uri->port : uint16_t{5060});
  if (!address) return transport.locate(*uri).value_or(flow);
  const Protocol protocol = protocol_of(*uri, flow.protocol);
  const bool same_host = address->same_host(flow.peer);
  // A connection that is gone is opened again where the far side listens.
  if (is_stream(flow.protocol) && flow.connection != 0 && (same_host || protocol != flow.protocol))
    return flow;
  if (address->is_private() && !same_host && !flow.peer.is_private()) return flow;
  return Flow{protocol, protocol == flow.protocol && !is_stream(protocol) ? flow.connection : 0, *address};
}

MessageWriter Dialog::begin_request(const Start& start) const {
  const std::string_view method = to_string(start.method);
  MessageWriter out;
  out.request_line(method, remote_target);
  out.begin(HeaderName::Via).add("SIP/2.0/").add(to_string(start.protocol)).add(" ").add(start.sent_by);
  out.add(";branch=").add(start.branch).add(";rport").line();
  if (!route.empty()) out.header(HeaderName::Route, route);
  out.header(HeaderName::MaxForwards, start.max_forwards);
  out.begin(HeaderName::From).add(local_uri).add(";tag=").add(local_tag).line();
  out.begin(HeaderName::To).add(remote_uri);
  if (!remote_tag.empty()) out.add(";tag=").add(remote_tag);
  out.line().header(HeaderName::CallId, call_id);
  out.begin(HeaderName::CSeq).add(start.cseq).add(" ").add(method).line();
  return out;
}

}  // namespace sotto::sip
