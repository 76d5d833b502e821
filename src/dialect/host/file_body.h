#pragma once

#include <string>

#include "http/request.h"
#include "http/response.h"

namespace sotto::dialect {

// Makes a file, or the part of it that the request asks for, the body of an answer, sent piece by piece, so
// that a long recording does not stand in memory. False when there is no such file.
bool set_file_body(const http::Request& request, const std::string& path, http::Response& response);

}  // namespace sotto::dialect
