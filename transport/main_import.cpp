// The same decisions as in a server, without its actors: what a conversation asks for is read at
// once.
#include "transport/main_import.hpp"

#include <span>
#include <type_traits>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "actors/digest.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/replay.hpp"
#include "persistence/webhooks/outbox.hpp"
#include "transport/codec.hpp"

namespace parley {

namespace {

/// Conversations in memory at a time; beyond that all leave.
constexpr std::size_t imported_at_a_time = 2000;
/// Bytes of a digest that stands for a name.
constexpr std::size_t import_name_bytes = 16;
/// Old messages may be edited and deleted, as they were.
constexpr message_windows without_end{std::chrono::seconds{0}, std::chrono::seconds{0}};

failure refused_line(std::string why) { return {error_code::bad_request, std::move(why), {}}; }

std::optional<std::string> text_of(const import_json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_string() ? std::optional{found->get<std::string>()}
                                                   : std::nullopt;
}

/// A name of its own for what has none: the same line is the same command.
std::string name_for(std::string_view text) {
  return "import-" + hex(digest_of({"import", text}), import_name_bytes);
}

/// Why a conversation refuses, or nothing when it does not.
std::optional<std::string> refusal_in(const std::string& envelope) {
  const auto told = nlohmann::json::parse(to_json(envelope), nullptr, false);
  if (!told.is_object() || told.value("type", "") != "error")
    return std::nullopt;
  const std::string message = told.value("message", "");
  return told.value("code", "") + (message.empty() ? "" : ": " + message);
}

result<command> decoded_command(const std::string& text) {
  auto all = decode(text, encoding::json);
  if (auto* good = std::get_if<envelope>(&all.front()))
    return std::move(good->what);
  if (const auto* refused = std::get_if<rejection>(&all.front()))
    return refused->why;
  return refused_line(std::get<malformation>(all.front()).why);
}

bool is_well_formed_id(const std::string& text) {
  return !text.empty() && text.size() <= limits::id_bytes;
}

/// Which conversation a command is for; a failure for what is not imported.
template <class Command>
result<conversation_id> destination_of(const Command& what, const user_id& by) {
  if constexpr (std::is_same_v<Command, create>) {
    if (auto valid = rules::validate(what, by); !valid)
      return valid.error();
    return rules::id_of(what, by, {});
  } else if constexpr (std::is_same_v<Command, set_profile>) {
    if (auto valid = rules::validate(what); !valid)
      return valid.error();
    return rules::id_of_book(by);
  } else if constexpr (std::is_same_v<Command, block_user> ||
                       std::is_same_v<Command, unblock_user>) {
    if (what.user == by)
      return refused_line("nobody blocks themselves");
    return rules::id_of_pair(by, what.user);
  } else if constexpr (requires { what.conversation; } &&
                       std::is_constructible_v<conversation_command, Command> &&
                       !std::is_same_v<Command, hold_conversation> &&
                       !std::is_same_v<Command, dismiss_notifications>) {
    return what.conversation;
  } else {
    return refused_line(std::string{Command::name} + " is not imported");
  }
}

} // namespace

importer::importer(std::shared_ptr<store> into, std::filesystem::path folder)
    : into_(std::move(into)), files_(std::move(folder), into_), before_(into_->log()->head()) {}

// --- Lines ---------------------------------------------------------------------------------------

result<importer::stated> importer::read(std::string_view line) {
  if (line.size() > limits::frame_bytes)
    return refused_line("the line is too long");
  auto read = import_json::parse(line, nullptr, false);
  if (!read.is_object())
    return refused_line("it is no JSON object");
  const auto author = text_of(read, "by");
  const auto moment = read.find("at");
  if (!author || !is_well_formed_id(*author))
    return refused_line("`by` is needed, a user");
  if (moment == read.end() || !moment->is_number_unsigned() ||
      moment->get<std::uint64_t>() > limits::largest_number)
    return refused_line("`at` is needed, milliseconds since 1970");
  const timestamp at{std::chrono::milliseconds{moment->get<std::int64_t>()}};
  return stated{std::move(read), user_id{*author}, at};
}

result<importer::directed> importer::direct(stated& line, std::string_view text) {
  auto& read = line.what;
  const auto name = text_of(read, "conversation");
  const bool creates = text_of(read, "type") == "create";
  if (creates && !name)
    return refused_line("`conversation` is needed, a name of your own");
  if (!read.contains("client_id") && text_of(read, "type") != "send") // which always has one
    read["client_id"] = creates ? name_for(*name) : name_for(text);
  if (const auto known = name ? names_.find(*name) : names_.end(); known != names_.end())
    read["conversation"] = known->second.str();
  files_.name_in(read);
  for (const char* each : {"by", "at"})
    read.erase(each);
  read["ref"] = 1;
  auto what = decoded_command(read.dump(-1, ' ', false, import_json::error_handler_t::replace));
  if (!what)
    return what.error();
  return std::visit(
      [&](auto& asked) -> result<directed> {
        auto to = destination_of(asked, line.by);
        if (!to)
          return to.error();
        if (creates)
          names_.insert_or_assign(*name, *to);
        if constexpr (std::is_constructible_v<conversation_command, decltype(std::move(asked))>)
          return directed{std::move(*to), conversation_command{std::move(asked)}};
        else
          return refused_line("this is not imported");
      },
      *what);
}

result<std::optional<std::string>> importer::take(std::string_view line) {
  ++figures_.lines;
  auto said = read(line);
  if (said && text_of(said->what, "type") == "upload")
    return take_file(*said, line);
  auto command = said ? direct(*said, line) : said.error();
  if (!command) {
    ++figures_.refused;
    return std::optional{command.error().message};
  }
  if (only_reads(command->what)) {
    ++figures_.refused;
    return std::optional<std::string>{"questions are not imported"};
  }
  auto in = enter(command->to);
  if (!in)
    return in.error();
  const std::uint64_t before = figures_.records;
  auto refused = decide(**in, asker{said->by, {}, std::int64_t{1}}, command->what, said->at);
  if (!refused)
    return refused;
  if (*refused)
    ++figures_.refused;
  else if (figures_.records > before && std::holds_alternative<send_message>(command->what))
    messages_[command->to] = said->at;
  (*in)->state.trim(into_->model()->applied());
  return refused;
}

importer::refusal importer::take_file(const stated& line, std::string_view text) {
  auto added = files_.take(line.what, text, line.by, line.at);
  if (!added && added.error().code != error_code::bad_request &&
      added.error().code != error_code::not_found)
    return added.error();
  if (!added) {
    ++figures_.refused;
    return std::optional{added.error().message};
  }
  if (*added)
    if (auto queued = write(std::move(*added)); !queued)
      return queued.error();
  return std::optional<std::string>{};
}

// --- Deciding ------------------------------------------------------------------------------------

result<importer::room*> importer::enter(const conversation_id& id) {
  if (const auto found = rooms_.find(id); found != rooms_.end())
    return found->second.get();
  if (rooms_.size() >= imported_at_a_time) {
    if (auto written = flush(); !written)
      return written.error();
    rooms_.clear();
  }
  auto snapshot = into_->model()->snapshot(id);
  if (!snapshot)
    return snapshot.error();
  auto made = std::make_unique<room>(id, without_end);
  made->state.load(*snapshot);
  return rooms_.emplace(id, std::move(made)).first->second.get();
}

importer::refusal importer::decide(room& in, const asker& who, const conversation_command& what,
                                   timestamp at) {
  for (;;) {
    verdict decided = in.state.decide(who, what, at);
    if (const auto* answer = std::get_if<say>(&decided))
      return refusal_in(answer->envelope);
    if (std::holds_alternative<wait>(decided)) {
      if (waiting_.empty())
        return std::optional<std::string>{"it cannot be decided"};
      if (auto written = flush(); !written)
        return written.error();
      continue;
    }
    std::vector<propose> all;
    if (auto* one = std::get_if<propose>(&decided))
      all.push_back(std::move(*one));
    else if (auto* several = std::get_if<propose_all>(&decided))
      all = std::move(several->all);
    else if (std::holds_alternative<gather>(decided))
      if (auto moved = in.state.write_receipts(at))
        all.push_back(std::move(*moved));
    for (const auto& each : all)
      if (auto queued = queue(in, each); !queued)
        return queued.error();
    if (!all.empty())
      return std::optional<std::string>{};
    auto learned = find_out(in, who, decided);
    if (!learned)
      return learned.error();
    if (!*learned)
      return std::optional<std::string>{"it cannot be decided"};
  }
}

// What waits to be written may be what is asked about.
result<bool> importer::find_out(room& in, const asker& who, const verdict& asked) {
  if (auto written = flush(); !written)
    return written.error();
  const auto model = into_->model();
  if (const auto* key = std::get_if<look_up>(&asked)) {
    auto found = model->find({key->key});
    if (!found)
      return found.error();
    in.state.begin_look_up();
    in.state.learn(key->key, found->front());
    return true;
  }
  if (const auto* messages = std::get_if<look_up_message>(&asked)) {
    auto found = model->messages(in.id, messages->what);
    if (!found)
      return found.error();
    in.state.learn(messages->what, std::move(*found));
    return true;
  }
  if (const auto* files = std::get_if<look_up_files>(&asked)) {
    auto found = model->files(files->files);
    if (!found)
      return found.error();
    in.state.learn(*files, std::move(*found));
    return true;
  }
  if (const auto* users = std::get_if<look_up_invited>(&asked)) {
    auto found = model->obstacles(users->by, users->users, users->counts);
    if (!found)
      return found.error();
    in.state.learn(*users, std::move(*found));
    return true;
  }
  if (std::holds_alternative<look_up_receipt>(asked)) {
    auto cursors = model->cursors(in.id, {who.user});
    auto dealt = model->dealings_of(who.user);
    if (!cursors || !dealt)
      return cursors ? dealt.error() : cursors.error();
    if (!cursors->front())
      return failure{error_code::internal, "a member's cursors are missing", {}};
    in.state.learn(who.user, std::move(*cursors->front()),
                   {dealt->is_complete, dealt->shows_reads, nullptr, dealt->as_of});
    return true;
  }
  if (std::holds_alternative<look_up_profile>(asked)) {
    auto found = model->profiles(who.user, {who.user});
    if (!found)
      return found.error();
    in.state.learn(found->empty() ? user_profile{} : std::move(found->front().what));
    return true;
  }
  return false;
}

// --- Writing -------------------------------------------------------------------------------------

outcome importer::queue(room& in, const propose& what) {
  in.last = what.number;
  touched_.insert(&in);
  return write(what.what);
}

outcome importer::write(record_ptr what) {
  waiting_bytes_ += memory_of(*what);
  waiting_.push_back(std::move(what));
  ++figures_.records;
  const bool is_full =
      waiting_.size() >= limits::batch_records || waiting_bytes_ >= limits::batch_bytes / 2;
  return is_full ? flush() : success();
}

outcome importer::flush() {
  if (waiting_.empty())
    return success();
  const auto log = into_->log();
  const auto at = log->append(encode_batch(waiting_));
  if (!at)
    return at.error();
  for (room* each : touched_)
    each->state.appended(each->last, *at);
  waiting_.clear();
  waiting_bytes_ = 0;
  touched_.clear();
  if (auto replayed = replay_all(*log, *into_->model()); !replayed)
    return replayed;
  log->trim(into_->model()->applied());
  return success();
}

outcome importer::mark_all_read() {
  for (const auto& [id, at] : messages_) {
    auto in = enter(id);
    if (!in)
      return in.error();
    if (auto written = flush(); !written) // who is a member is judged by what is on disk
      return written;
    const std::uint64_t newest = (*in)->state.newest().value();
    std::vector<user_id> users;
    for (const auto& [user, facts] : (*in)->state.members())
      users.push_back(user);
    for (const auto& user : users) {
      mark_read read;
      read.conversation = id;
      read.seq = newest;
      auto refused = decide(**in, asker{user, {}, std::int64_t{1}}, read, at);
      if (!refused)
        return refused.error();
    }
  }
  return success();
}

// The notifier takes up where this says that all is decided.
outcome importer::finish(timestamp now) {
  if (auto written = flush(); !written)
    return written;
  if (into_->log()->head() == before_)
    return success();
  record decided;
  decided.kind = record_kind::notified;
  decided.at = now;
  decided.told = std::make_shared<const notification_change>(
      notification_change{{}, into_->log()->head(), {}, {}});
  waiting_.push_back(std::make_shared<const record>(std::move(decided)));
  if (auto written = flush(); !written)
    return written;
  return pass_by_webhooks();
}

// Who had heard of everything hears of what comes next.
outcome importer::pass_by_webhooks() {
  auto outbox = webhook_outbox::open_existing(into_->directory());
  if (!outbox)
    return outbox.error().code == error_code::not_found ? success() : outcome{outbox.error()};
  return (*outbox)->in_transaction([&]() -> outcome {
    auto all = (*outbox)->endpoints();
    if (!all)
      return all.error();
    for (const auto& each : *all)
      if (each.progress.at >= before_ && each.progress.until == position{})
        if (auto reached = (*outbox)->reach(each.row, {into_->log()->head(), position{}}); !reached)
          return reached;
    return success();
  });
}

} // namespace parley
