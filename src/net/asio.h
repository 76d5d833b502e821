#pragma once

#include <boost/asio/awaitable.hpp>

// The one place that says which Asio this is.
namespace sotto {
namespace asio = boost::asio;
}
