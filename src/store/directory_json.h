#pragma once

#include "directory/model.h"
#include "text/json.h"

// The stored form of the directory's entities. Members that are missing have the entity's defaults, unknown
// ones are left alone, so that an older and a newer program can read each other's rows.
namespace sotto::store {

text::Json to_json(const directory::Account& account);
text::Json to_json(const directory::Application& application);
text::Json to_json(const directory::Number& number);
text::Json to_json(const directory::Organisation& organisation);
text::Json to_json(const directory::Phone& phone);
text::Json to_json(const directory::Trunk& trunk);

void from_json(const text::Json& json, directory::Account& account);
void from_json(const text::Json& json, directory::Application& application);
void from_json(const text::Json& json, directory::Number& number);
void from_json(const text::Json& json, directory::Organisation& organisation);
void from_json(const text::Json& json, directory::Phone& phone);
void from_json(const text::Json& json, directory::Trunk& trunk);

}  // namespace sotto::store
