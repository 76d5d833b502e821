// The parts of Asio that need be compiled only once.
#include <boost/asio/impl/src.hpp>
