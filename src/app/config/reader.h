#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/config/settings.h"
#include "text/json.h"

namespace sotto::app::config {

// What wins over the file: variables of the environment, and over those the flags of the command line.
struct Overrides {
  // All variables by name; SOTTO_SERVER_HTTP is key `http` of [server], SOTTO_ACCOUNT_VONAGE_API_KEY key
  // `api_key` of [account.vonage]. Lists are separated by commas. Others are left alone.
  std::map<std::string, std::string> environment;
  struct Flag {
    std::string name;   // "--http", for messages
    std::string table;  // "server"
    std::string key;    // "http"
    std::string value;
  };
  std::vector<Flag> flags;
};

struct Reading {
  Settings settings;
  // Each a line for a person: place, key, what was found, what is allowed. Empty: all is well.
  std::vector<std::string> errors;
};

// Pure. `source` is the file's name. Every error that there is comes back, not only the first.
Reading read_config(std::string_view toml, const std::string& source, const Overrides& overrides);

// Reads the file first; an absent one is an error, an empty name is an empty file.
Reading read_config_file(const std::string& path, const Overrides& overrides);

// One campaign as data, by the names of [[campaign]]. The error tells of everything that is wrong.
Result<campaign::Campaign> read_campaign(const text::Json& json);

// This process's variables.
std::map<std::string, std::string> environment();

// A whole file with every setting, its example and its meaning; every setting is a comment.
std::string example_config();

}  // namespace sotto::app::config
