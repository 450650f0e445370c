// Who it is, then portion by portion, as fast as the client takes them.
#include "transport/export_session.hpp"

#include <utility>

#include "actors/limits_of_exports.hpp"
#include "transport/http_exports.hpp"
#include "transport/shard.hpp"

namespace parley {

export_session::export_session(shard& on, std::uint64_t key, link_ptr link, export_request asked,
                               std::string received)
    : answering_session(on, key, std::move(link), asked.how, std::move(received)),
      asked_(std::move(asked)) {}

void export_session::begin() {
  const edge& all = *on().shared();
  if (!all.exports)
    return refuse({error_code::not_found, "there is nothing here", {}});
  const auto who = all.authenticate(asked_.bearer);
  if (!who)
    return refuse(who.error());
  all.exports->open(asked_.what, *who, back(&export_session::on_opened));
}

void export_session::on_opened(const result<opened_export>& opened) {
  if (is_answered())
    return;
  if (!opened)
    return refuse(opened.error());
  archive_ = *opened;
  end_by(shard::now() + limits::longest_export);
  set_deadline();
  note(200);
  is_all_read_ = how().head_only;
  send(answer_export(asked_, on().shared()->config));
}

void export_session::read() { archive_.bytes->read(back(&export_session::on_read)); }

// What was begun cannot be taken back: without its end everybody sees that it is not whole.
void export_session::on_read(const result<std::string>& bytes) {
  if (!bytes)
    return drop();
  is_all_read_ = bytes->empty();
  set_deadline();
  if (asked_.chunked)
    send(chunk_of(*bytes));
  else if (is_all_read_)
    on_sent();
  else
    send(*bytes);
}

} // namespace parley
