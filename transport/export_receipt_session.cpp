// The desk's answer comes back through the shard's door.
#include "transport/export_receipt_session.hpp"

#include <utility>

#include "actors/limits.hpp"
#include "transport/codec.hpp"
#include "transport/http_exports.hpp"
#include "transport/http_manner.hpp"
#include "transport/shard.hpp"

namespace parley {

export_receipt_session::export_receipt_session(shard& on, std::uint64_t key, link_ptr link,
                                               export_receipt_request asked, std::string received)
    : answering_session(on, key, std::move(link), asked.how, std::move(received)),
      asked_(std::move(asked)) {
  end_by(shard::now() + limits::download_stall);
}

void export_receipt_session::begin() {
  const edge& all = *on().shared();
  if (!all.exports)
    return refuse({error_code::not_found, "there is nothing here", {}});
  const auto who = all.authenticate(asked_.bearer);
  if (!who)
    return refuse(who.error());
  if (!who->admin)
    return refuse({error_code::forbidden, "this is for administrators", {}});
  if (asked_.receipt)
    all.exports->find(*asked_.receipt, back(&export_receipt_session::on_found));
  else
    all.exports->list(asked_.before, back(&export_receipt_session::on_listed));
}

void export_receipt_session::on_found(const result<std::string>& receipt) {
  if (is_answered())
    return;
  if (!receipt)
    return refuse(receipt.error());
  reply(answer_with(how(), 200, to_json(*receipt)));
}

void export_receipt_session::on_listed(const result<std::vector<std::string>>& receipts) {
  if (is_answered())
    return;
  if (!receipts)
    return refuse(receipts.error());
  reply(answer_export_receipts(how(), *receipts));
}

} // namespace parley
