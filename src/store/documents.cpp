#include "store/documents.h"

#include "store/columns.h"

namespace sotto::store {
namespace {

Document document_of(const Row& row) {
  return {row[0].text(), row[1].text(), row[2].text(), row[3].integer(), row[4].text()};
}

}  // namespace

Result<void> put_document(Connection& connection, const Document& document, base::WallTime now) {
  if (document.version == 0) {
    const auto added = connection.execute(
        "INSERT INTO documents (kind, id, account, version, body, changed) VALUES (?, ?, ?, 1, ?, ?) ON "
        "CONFLICT DO NOTHING",
        {document.kind, document.id, document.account, document.body, to_column(now)});
    if (!added) return fail(added.error());
    if (added->changed == 0)
      return fail(ErrorCode::Conflict, document.kind + " " + document.id + ": exists already");
    return {};
  }
  const auto updated = connection.execute(
      "UPDATE documents SET account = ?, version = version + 1, body = ?, changed = ? WHERE kind = ? AND id "
      "= ? AND version = ?",
      {document.account, document.body, to_column(now), document.kind, document.id, document.version});
  if (!updated) return fail(updated.error());
  if (updated->changed == 0)
    return fail(ErrorCode::Conflict, document.kind + " " + document.id + ": was changed meanwhile");
  return {};
}

Result<void> overwrite_document(Connection& connection, const Document& document, base::WallTime now) {
  return changed(
      connection.execute("INSERT INTO documents (kind, id, account, version, body, changed) VALUES (?, ?, ?, "
                         "1, ?, ?) ON CONFLICT (kind, id) DO "
                         "UPDATE SET account = excluded.account, version = documents.version + 1, body = "
                         "excluded.body, changed = excluded.changed",
                         {document.kind, document.id, document.account, document.body, to_column(now)}));
}

Result<void> erase_document(Connection& connection, const std::string& kind, const std::string& id) {
  return changed_one(connection.execute("DELETE FROM documents WHERE kind = ? AND id = ?", {kind, id}),
                     kind + " " + id);
}

Result<Document> find_document(Connection& connection, const std::string& kind, const std::string& id) {
  const auto rows = connection.execute(
      "SELECT kind, id, account, version, body FROM documents WHERE kind = ? AND id = ?", {kind, id});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(ErrorCode::NotFound, kind + " " + id + ": not found");
  return document_of((*rows)[0]);
}

Result<std::vector<Document>> documents_of_kind(Connection& connection, const std::string& kind) {
  const auto rows = connection.execute(
      "SELECT kind, id, account, version, body FROM documents WHERE kind = ? ORDER BY id", {kind});
  if (!rows) return fail(rows.error());
  std::vector<Document> documents;
  for (const Row& row : *rows) documents.push_back(document_of(row));
  return documents;
}

}  // namespace sotto::store
