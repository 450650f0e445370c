// Every bound of the engine, with its unit and the reason for it; announced in `welcome` where
// clients need it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace parley::limits {

using namespace std::chrono_literals;

// --- What a client may send ------------------------------------------------------------------

/// Bytes of one WebSocket message before `hello`: a token and little else fits.
inline constexpr std::size_t frame_bytes_before_hello = 16 * 1024;
/// Bytes of one WebSocket message: a full body with its envelope, most of it escaped in JSON.
inline constexpr std::size_t frame_bytes = 64 * 1024;
/// Bytes of a message body; larger things are attachments.
inline constexpr std::size_t body_bytes = 16 * 1024;
/// Nesting of an envelope; commands need three, applications' `meta` the rest.
inline constexpr std::size_t depth = 8;
/// Bytes of a user, device, conversation or client id: fits every key of the store.
inline constexpr std::size_t id_bytes = 128;
/// Bytes of a title: one line on a screen.
inline constexpr std::size_t title_bytes = 256;
/// Bytes of what an application keeps with a message or a conversation, as MessagePack.
inline constexpr std::size_t meta_bytes = 4 * 1024;
/// Users one message may mention by name; `@all` is for more.
inline constexpr std::size_t mentions = 50;
/// Elements of any array or map in a command: the largest list is the users of an `add`.
inline constexpr std::size_t elements = 1024;
/// Keys of one envelope: three times what any command has.
inline constexpr std::size_t envelope_keys = 32;
/// Bytes of a `ref`, which comes back in every answer.
inline constexpr std::size_t ref_bytes = 128;
/// The largest whole number every client can hold: JavaScript's (ECMA-262, MAX_SAFE_INTEGER).
inline constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;
/// Users in one `create` or `add`, if their ids fit the frame; larger groups are made of several.
inline constexpr std::size_t users_per_command = 1000;
/// Members of one conversation: loading them all must stay a matter of milliseconds.
inline constexpr std::size_t members = 20'000;
/// Members named in a `conversation` answer; the rest is paged with `members`.
inline constexpr std::size_t members_shown = 1000;
/// Members named in the `conversation` event for those who join: it goes out unasked, perhaps many
/// times over, so it stays small.
inline constexpr std::size_t members_introduced = 100;
/// Envelopes in one WebSocket message: as many as a batch of small commands needs.
inline constexpr std::size_t envelopes_per_message = 1024;
/// Commands of one connection that are under way at once.
inline constexpr std::size_t commands_in_flight = 64;
/// Frames a message may be cut into; many small ones cost more than they carry.
inline constexpr std::size_t fragments_per_message = 64;
/// Control frames a client may send per second (RFC 6455, section 5.5).
inline constexpr std::size_t control_frames_per_second = 10;

/// Commands of one user per second, over all connections: several times what a busy person's
/// devices ask for together.
inline constexpr std::uint32_t user_commands_per_second = 100;
/// Commands of one user at once after a rest: a client that starts reads its conversations.
inline constexpr std::uint32_t user_commands_burst = 1000;
/// Messages into one conversation per second: more than anyone can read.
inline constexpr std::uint32_t conversation_messages_per_second = 200;
/// Messages into one conversation at once after a rest.
inline constexpr std::uint32_t conversation_messages_burst = 2000;

/// Connections from one address per second: a school or an office behind one of them comes back all
/// at once after an outage, while each connection beyond it costs a handshake and a reading of the
/// store.
inline constexpr std::uint32_t address_connections_per_second = 200;
/// Connections from one address at once after a rest.
inline constexpr std::uint32_t address_connections_burst = 2000;
/// Limits of addresses that are kept; addresses share them by chance, so it is to be many times
/// what connects within a burst's time to rest.
inline constexpr std::size_t address_cells = 16'384;
/// Connections beyond the limit that are told so; any more are closed without a word.
inline constexpr std::size_t refusals_told = 256;

/// How long the author may edit a message, unless the operator says otherwise.
inline constexpr auto edit_window = 24h;
/// How long the author may delete a message for everyone; likewise.
inline constexpr auto erase_window = 24h;
/// Users whom the summary of a thread names: those who wrote last.
inline constexpr std::size_t thread_participants = 5;
/// Messages that a conversation remembers threads may begin at.
inline constexpr std::size_t threads_in_memory = 1'000;
/// Numbers that one `delete` reaches at most: each message that goes is an event of its own.
inline constexpr std::size_t erased_at_once = 100;
/// Seconds that a message may be given: a year.
inline constexpr std::uint64_t longest_expiry_seconds = 31'536'000;
/// Messages that expire at a time, of all conversations.
inline constexpr std::size_t expired_at_once = 2'000;
/// How long the expirer waits before it looks again whether what it had deleted is gone.
inline constexpr auto expiry_retry = 1s;
/// The longest it sleeps while a message is to expire some day.
inline constexpr auto expiry_longest_sleep = 10min;
/// How often it looks at a clock that it does not believe.
inline constexpr auto expiry_doubt = 1min;
/// The wall clock has jumped when it differs by more than this from the time that passed.
inline constexpr auto clock_jump = 1h;
/// How long nothing expires after a jump: so long the clock must go as time does.
inline constexpr auto clock_trust = 1h;
/// How long a message may be unread before who has no device at hand is told of it.
inline constexpr auto notify_after = 10s;
/// Conversations that the notifier remembers to look at: 20 MiB. Beyond that it reads from the
/// store what it did not remember.
inline constexpr std::size_t noticed_conversations = 100'000;
/// Conversations of which the store is asked at a time who has not read them.
inline constexpr std::size_t noticing_at_once = 32;
/// Members looked at in one portion, which one read transaction and one record hold.
inline constexpr std::size_t members_per_notice = 500;
/// In a conversation of more members only those whom a message names are told of it: looking at all
/// of them for each message would cost more than the message.
inline constexpr std::size_t notified_members = 1'000;
/// The newest messages that are looked at for names there, and the newest events among which they
/// are looked for.
inline constexpr std::size_t names_looked_at = 100;
inline constexpr std::size_t events_looked_at = 1'000;
/// Nobody is told of a message that is older when it is looked at: the server was off, or did not
/// notify anyone.
inline constexpr auto news_age = 24h;
/// How long the notifier waits for what it decided to be on disk before it decides again.
inline constexpr auto notice_retry = 30s;
/// How often it writes down how far it has got, when there was something.
inline constexpr auto notice_progress = 60s;
/// Quiet hours of a user: two a day.
inline constexpr std::size_t quiet_spans = 14;
/// Bytes of one file unless the operator says otherwise: a photograph or a document, not a film.
inline constexpr std::uint64_t file_bytes = std::uint64_t{25} << 20;
/// Files of one message: each of them is named in its event, and downloaded by itself.
inline constexpr std::size_t files = 10;
/// Bytes of a file's name: what most file systems take.
inline constexpr std::size_t file_name_bytes = 255;
/// Bytes of a media type: registered ones have at most 127 on either side (RFC 6838, 4.2).
inline constexpr std::size_t media_type_bytes = 255;
/// Messages that one file may be in at a time: who asks for it is looked for in all of them.
inline constexpr std::size_t messages_per_file = 1'000;
/// Uploads at a time: each has a socket, a descriptor and some buffers.
inline constexpr std::size_t uploads_at_once = 256;
/// Uploads of one user at a time: more would only share the user's line.
inline constexpr std::size_t uploads_per_user = 4;
/// Bytes that a user has uploaded and not sent yet: nobody but them has any use for these.
inline constexpr std::uint64_t unsent_bytes = std::uint64_t{256} << 20;
/// Files of that kind, however small: each has rows and a place in a directory.
inline constexpr std::size_t unsent_files = 1'000;
/// Commands that an upload counts as, where a user's rate is limited: it writes and syncs a file.
inline constexpr std::size_t commands_of_an_upload = 5;
/// What who has uploaded too much is told to wait.
inline constexpr auto retry_when_unsent = 1min;
/// How long after its upload a file may be sent.
inline constexpr auto send_file_window = 23h;
/// How long a file stays that is never sent.
inline constexpr auto unsent_file_stays = 24h;
static_assert(send_file_window + 1h <= unsent_file_stays,
              "what is just being sent does not go meanwhile, even if a clock is set");
/// How long a file stays when the last message with it has gone: a send of it may be under way.
inline constexpr auto unused_file_stays = 1min;
/// What is left of that when nobody begins to send it any more.
inline constexpr auto unused_file_reserve = 30s;
static_assert(unused_file_reserve < unused_file_stays);
/// How often is looked whether files are to go.
inline constexpr auto file_sweep = 30s;
/// By when the files of a message are gone after it, where a server is at work.
inline constexpr std::chrono::milliseconds files_gone_after = unused_file_stays + 2 * file_sweep;
/// Files that go at a time: their names are one record of the log.
inline constexpr std::size_t files_dropped_at_once = 500;
/// How long a signed address is good: long enough to be followed.
inline constexpr auto file_address_life = 5min;
/// Bytes that a file is written or read by.
inline constexpr std::size_t file_chunk_bytes = 64 * 1024;
/// Downloads of one user at a time: a page shows that many pictures, and each has a descriptor.
inline constexpr std::size_t downloads_per_user = 16;
/// Who downloads a file has to take file_progress_bytes of it in each such time.
inline constexpr auto download_stall = 60s;
/// The longest that a download goes on: what was deleted since is read no longer than that.
inline constexpr auto longest_download = 1h;
/// An upload has to get on by so many bytes ...
inline constexpr std::uint64_t file_progress_bytes = 64 * 1024;
/// ... in each such time, or it is ended: who is slower holds a place that others need.
inline constexpr auto file_progress_interval = 15s;
/// Edits of one message: each is an event, and all of them go with the message.
inline constexpr std::size_t edits_per_message = 100;
/// Bytes of an emoji: long sequences of joined ones take up to 35.
inline constexpr std::size_t emoji_bytes = 64;
/// Commands that a search counts as, where a user's rate is limited.
inline constexpr std::size_t commands_of_a_search = 5;
/// A time that does not come: the largest number that every client can read.
inline constexpr std::uint64_t for_good = largest_number;
/// Users that a conversation bans or silences: the list of them is one answer.
inline constexpr std::size_t restrictions = 500;
/// Invitations that are open in a conversation: it keeps them at hand, and one command may look at
/// all of them.
inline constexpr std::size_t invitations = 500;
/// Invitations of one user that are open: more than anybody reads, and all of them are looked
/// through for each page. Those who invite them at the same moment may go beyond it by as many.
inline constexpr std::size_t invitations_of_user = 1000;
/// Of them by the same inviter: more would be a way to fill them.
inline constexpr std::size_t invitations_by_one = 50;
/// Seconds of slow mode: a day, since one who has to wait longer has been silenced.
inline constexpr std::uint64_t slow_mode_seconds = 86'400;
/// Members of whom a conversation in slow mode remembers when they posted: all it can have.
inline constexpr std::size_t slow_posters = 20'000;
/// Pinned messages of one conversation: the list of them is one answer, and meant to be read.
inline constexpr std::size_t pins = 100;
/// Bytes of a search's query.
inline constexpr std::size_t query_bytes = 1024;
/// Words of a search's query.
inline constexpr std::size_t search_terms = 32;
/// Words that a prefix counts as in a query.
inline constexpr std::size_t terms_of_a_prefix = 4;
/// Different reactions to one message.
inline constexpr std::size_t emojis_per_message = 32;

// --- What the server sends -------------------------------------------------------------------

/// Events in one page, list items and members alike.
inline constexpr std::size_t page = 100;
/// Rows that one page looks at, of which few may be wanted: it goes on behind its cursor.
inline constexpr std::size_t rows_per_page = 2000;
/// Hits of a search that says no limit.
inline constexpr std::size_t search_hits = 20;
/// Messages that one search looks at: it goes on behind its cursor.
inline constexpr std::size_t search_steps = 20'000;
/// A user in more conversations than this has them all searched, and those of others passed over.
inline constexpr std::size_t search_conversations = 64;
/// Characters of what is shown of a message that another one answers.
inline constexpr std::size_t preview_characters = 160;
/// Characters of a hit's snippet.
inline constexpr std::size_t snippet_characters = 160;
/// Messages and conversations that one step of making the search index anew looks at.
inline constexpr std::size_t feed_steps = 5000;
/// Bytes of events in one page, but for the last one of them; `more` says that it was cut.
inline constexpr std::size_t page_bytes = 144 * 1024;
/// JSON writes a control character as six; common clients refuse messages of more than 1 MiB.
static_assert(6 * (page_bytes + body_bytes + meta_bytes + 4 * id_bytes) < 1024 * 1024);
/// Missed events per conversation that a resume sends; older ones are named by a `gap`.
inline constexpr std::size_t resume_events = 500;
/// Bytes of missed events in one resume; further conversations are named by `gap`s.
inline constexpr std::size_t resume_bytes = 4 * 1024 * 1024;
/// Bytes waiting for one session before events collapse into gaps.
inline constexpr std::size_t outbox_bytes = 256 * 1024;
/// How old the oldest waiting byte may grow before events collapse into gaps.
inline constexpr auto outbox_age = 5s;
/// How long a session may take nothing at all before it is closed as too slow.
inline constexpr auto outbox_stall = 30s;
/// Open gaps per session, pieces of them counted, before it is closed as too slow.
inline constexpr std::size_t gaps_per_session = 1024;
/// Bytes waiting for one session, answers included, at which it is closed as too slow.
inline constexpr std::size_t outbox_hard_bytes = 8 * 1024 * 1024;
static_assert(outbox_hard_bytes > resume_bytes + outbox_bytes, "a resume must fit");
/// Entries that wait for one session until it keeps up, each replaced by what comes later under its
/// key: twice the users it may watch.
inline constexpr std::size_t soft_entries = 2048;
/// Bytes of such entries.
inline constexpr std::size_t soft_bytes = 512 * 1024;
/// Bytes waiting for all sessions of a shard; beyond it the fattest is closed.
inline constexpr std::size_t outboxes_bytes = 256 * 1024 * 1024;
/// Bytes of one outgoing WebSocket message; common clients refuse more than 1 MiB.
inline constexpr std::size_t outgoing_message_bytes = 64 * 1024;
/// How long a session waits for a checkpoint that did not come with its event, and for the next
/// one.
inline constexpr auto checkpoint_interval = 400ms;
/// How often a shard looks what is due.
inline constexpr auto shard_tick = 100ms;
static_assert(2 * (checkpoint_interval + shard_tick) <= 1s,
              "a checkpoint within a second, though the first one stops before receipts that wait");
/// How often a shard looks at slow readers and at all outboxes together.
inline constexpr auto inspection_interval = 500ms;

// --- Deadlines -------------------------------------------------------------------------------

/// For the headers of one HTTP request, from its first byte or the accept.
inline constexpr auto header_deadline = 10s;
/// From the upgrade to a good `hello`.
inline constexpr auto hello_deadline = 10s;
/// Silence after which the server sends a WebSocket ping; `ping_ms` in `welcome`.
inline constexpr auto ping_interval = 30s;
/// Silence after which a session counts as dead: two pings unanswered and some patience.
inline constexpr auto idle_deadline = 75s;
static_assert(idle_deadline > 2 * ping_interval);
/// Silence after which a session gives back what it needs only to receive: making that again takes
/// some microseconds, keeping it some kilobytes.
inline constexpr auto reader_rests_after = 5s;
static_assert(reader_rests_after < ping_interval);
/// For the peer's half of the closing handshake.
inline constexpr auto close_deadline = 2s;
/// From SIGTERM to the last socket closed by force.
inline constexpr auto drain_deadline = 3s;
static_assert(drain_deadline > close_deadline, "answers first, then the closing handshake");

// --- The log ---------------------------------------------------------------------------------

/// Bytes of one batch of the log: what a replicated log takes in one append.
inline constexpr std::size_t batch_bytes = 512 * 1024;
/// Records of one batch: keeps a commit in the low milliseconds.
inline constexpr std::size_t batch_records = 4096;
/// Bytes waiting for the log beyond which sockets are not read.
inline constexpr std::size_t log_queue_high_bytes = 8 * 1024 * 1024;
/// Bytes waiting for the log below which sockets are read again.
inline constexpr std::size_t log_queue_low_bytes = 2 * 1024 * 1024;
static_assert(log_queue_low_bytes < log_queue_high_bytes);
/// Records the read model may be behind before sockets are not read.
inline constexpr std::size_t apply_lag_high_records = 200'000;
/// Records behind at which sockets are read again.
inline constexpr std::size_t apply_lag_low_records = 50'000;
static_assert(apply_lag_low_records < apply_lag_high_records);
/// Records the applier writes in one transaction: large enough for sorted writes to pay.
inline constexpr std::size_t apply_records = 8192;
/// Records that the search index takes in at once.
inline constexpr std::size_t index_records = 2000;
/// Records the search index may be behind in memory; what is older it reads from the model.
inline constexpr std::size_t index_lag_records = 20'000;
/// Likewise, in bytes of events.
inline constexpr std::size_t index_lag_bytes = 32 * 1024 * 1024;
/// How long the indexer collects when nobody searches.
inline constexpr auto index_interval = 200ms;
/// How long a search waits for the index.
inline constexpr auto search_patience = 5s;
/// How long the applier collects when nobody waits for it.
inline constexpr auto apply_interval = 100ms;
/// How old a read of the store may become: it keeps what it sees from being used again, and a page
/// or a user's conversations are read in milliseconds.
inline constexpr auto read_age = 5s;
/// What a client is told to wait when the server sheds load.
inline constexpr auto retry_when_overloaded = 2s;
/// What a client is told to wait when nothing can be written: an operator has to make room.
inline constexpr auto retry_when_unavailable = 5s;
/// Batches the log keeps behind the applied position, so that `check` can compare.
inline constexpr std::uint64_t log_kept_batches = 256;

// --- Conversations in memory -----------------------------------------------------------------

/// Applied events a conversation keeps at hand for recent history.
inline constexpr std::size_t tail_events = 256;
/// Bytes of events that loading a conversation brings.
inline constexpr std::size_t tail_bytes = 128 * 1024;
/// Idempotency keys a conversation keeps at hand: a retry comes soon or hardly ever. Older ones are
/// looked up.
inline constexpr std::size_t keys_in_memory = 256;
/// What one of them takes, about.
inline constexpr std::size_t key_bytes = 400;
/// Keys beyond these that a conversation still tells from new ones, two to four bytes each; after
/// so many sends without leaving memory every new key is looked up.
inline constexpr std::size_t keys_told_from_new = 256 * 1024;
/// Bytes of newest events and keys that all conversations together keep though they are on disk and
/// applied.
inline constexpr std::size_t conversation_memory = std::size_t{1} << 30;
/// What one of them keeps of it at most: half for all events that loading brings, half for keys.
inline constexpr std::size_t conversation_share_high = 2 * tail_bytes;
static_assert(conversation_share_high / 2 / key_bytes >= keys_in_memory);
/// What one of them keeps however many there are: a page of short messages and some keys.
inline constexpr std::size_t conversation_share_low = 16 * 1024;
/// Conversations in memory, some kilobytes each beside their share; beyond it the least recently
/// asked leaves.
inline constexpr std::size_t conversations_in_memory = 50'000;
static_assert(conversations_in_memory * conversation_share_low <= conversation_memory);
/// How long a conversation without commands stays in memory.
inline constexpr auto conversation_idle = 60s;
/// How often the directory looks for idle conversations.
inline constexpr auto idle_sweep = 10s;

/// How often a conversation looks who has stopped typing.
inline constexpr auto typing_tick = 1s;
/// Ticks after which whoever said nothing more types no more; the protocol promises 15 seconds.
inline constexpr std::uint64_t typing_ticks = 10;
static_assert((typing_ticks + 1) * typing_tick < 15s);
/// Ticks after which others are told again that someone still types.
inline constexpr std::uint64_t typing_repeat_ticks = 4;
static_assert(typing_repeat_ticks < typing_ticks);
/// Users who are counted typing in one conversation, a hundred bytes each.
inline constexpr std::size_t typists = 500;

/// Members beyond which nobody's receipts are shown but to their own devices.
inline constexpr std::size_t receipt_audience = 100;
/// Receipts in one record: a batch of the log holds several such.
inline constexpr std::size_t receipts_per_record = 1000;
/// Devices of a member whose own cursors are kept, those that moved last: all that a person uses.
inline constexpr std::size_t devices_per_receipt = 8;
/// Members whose cursors a conversation keeps at hand; others are looked up.
inline constexpr std::size_t receipts_in_memory = 4096;
/// How long receipts of a conversation are collected before they are shown again; the protocol
/// allows a second.
inline constexpr auto receipt_interval = 250ms;
static_assert(receipt_interval + shard_tick < checkpoint_interval,
              "what held one checkpoint does not hold the next");

// --- Presence --------------------------------------------------------------------------------

/// Bytes of what a user says beside a status: a line on a screen.
inline constexpr std::size_t status_text_bytes = 128;
/// Devices of one user at once: all that a person has, several times over.
inline constexpr std::size_t devices_per_user = 32;
/// Sessions of one user at once, over all shards: each costs its user's presence some memory, and a
/// browser has several tabs.
inline constexpr std::size_t sessions_per_user = 128;
static_assert(devices_per_user <= sessions_per_user);
/// Users one session may watch: a long contact list.
inline constexpr std::size_t watched_per_session = 1000;
static_assert(soft_entries >= 2 * watched_per_session, "what is watched fits beside the rest");
/// Users in one `watch` or `unwatch` that count as one command of the user's rate.
inline constexpr std::size_t watched_per_command = 10;
/// Presences in memory, a kilobyte or two each, beyond which nobody else's is watched; a user who
/// connects is never refused for it.
inline constexpr std::size_t presences_in_memory = 200'000;
/// How long changes of a user's presence are collected before watchers are told.
inline constexpr auto presence_tick = 500ms;
/// From the end of the last session to `offline`: a reconnect shall not flicker.
inline constexpr auto presence_grace = 10s;
/// How often a shard says which sessions it has.
inline constexpr auto session_renewal = 20s;
/// Sessions are renewed in so many portions, one after another.
inline constexpr std::uint64_t renewal_slices = 20;
inline constexpr auto renewal_slice = session_renewal / renewal_slices;
/// Without a renewal a session counts for so long.
inline constexpr auto session_lease = 60s;
static_assert(session_lease >= 3 * session_renewal, "two renewals may be lost");
/// How often it is looked whether those who watch still share a conversation with whom they watch.
inline constexpr auto sharing_interval = 2s;
/// Watchers in one question whether they share a conversation.
inline constexpr std::size_t shared_per_query = 256;
/// Steps through memberships until one question gives up, and takes a pair for strangers.
inline constexpr std::size_t shared_steps = 20'000;
/// How old the durable `last_seen` of someone who is there may become: what a crash may lose.
inline constexpr auto seen_interval = 10min;

// --- Shards ----------------------------------------------------------------------------------

/// Bytes of recent batches a shard keeps to bring new sessions up to date.
inline constexpr std::size_t ring_bytes = 8 * 1024 * 1024;
/// Recent batches a shard keeps.
inline constexpr std::size_t ring_batches = 4096;

// --- Webhooks --------------------------------------------------------------------------------

/// Endpoints in the file: each has an outbox of its own.
inline constexpr std::size_t webhook_endpoints = 32;
/// Bytes of the file that names them: many times what so many take.
inline constexpr std::size_t webhook_file_bytes = 256 * 1024;
/// Secrets of one endpoint: an old and a new one are what a rotation needs, and each is a
/// signature.
inline constexpr std::size_t webhook_secrets = 4;
/// Bytes of one secret (Standard Webhooks, "Symmetric secrets").
inline constexpr std::size_t webhook_secret_low = 24;
inline constexpr std::size_t webhook_secret_high = 64;
/// Bytes of an endpoint's URL: what receivers and proxies take for certain.
inline constexpr std::size_t webhook_url_bytes = 2048;
/// Requests to one endpoint at a time: a receiver that takes 50 ms gets 320 events a second, and
/// one that is slow is not flooded.
inline constexpr std::size_t webhook_requests = 16;
/// Events that wait for one endpoint, about 100 bytes each on disk; then its outbox is not filled
/// any further, and the read model keeps what comes.
inline constexpr std::uint64_t webhook_rows_high = 1'000'000;
/// Events at which it is filled again: what is read from the model then shall pay.
inline constexpr std::uint64_t webhook_rows_low = 500'000;
static_assert(webhook_rows_low < webhook_rows_high);
/// Records that the outbox takes in at once.
inline constexpr std::size_t webhook_records = 2'000;
/// Records the outbox may be behind in memory; what is older it reads from the model.
inline constexpr std::size_t webhook_lag_records = 20'000;
/// Likewise, in bytes of events.
inline constexpr std::size_t webhook_lag_bytes = 32 * 1024 * 1024;
/// Conversations whose kind is remembered, for endpoints that want only some kinds.
inline constexpr std::size_t webhook_kinds_in_memory = 10'000;
/// How long looking up a name, connecting and TLS may take together.
inline constexpr auto webhook_connect_patience = 10s;
/// How long the answer may take (Standard Webhooks recommends 15 to 30 seconds).
inline constexpr auto webhook_answer_patience = 20s;
/// Bytes of an answer's header; the body does not matter and is not read.
inline constexpr std::size_t webhook_answer_bytes = 16 * 1024;
/// The bound of the first delay after a failure; it doubles with each.
inline constexpr auto webhook_first_delay = 1s;
/// Its bound after many.
inline constexpr auto webhook_longest_delay = 1h;
static_assert(webhook_first_delay < webhook_longest_delay);
/// How long an event is tried before it becomes a dead letter.
inline constexpr auto webhook_patience = 24h;
static_assert(webhook_longest_delay < webhook_patience);
/// The longest that an endpoint may ask to be left alone.
inline constexpr auto webhook_longest_pause = 24h;
/// How often somebody looks at the outbox, whatever else happens: its clock may have jumped.
inline constexpr auto webhook_look = 30s;
/// How long an outbox that cannot be written or read is left alone.
inline constexpr auto webhook_rest = 1s;
/// What requests under way get when the server stops; it ends within five seconds.
inline constexpr auto webhook_farewell = 1s;

// --- Screening -------------------------------------------------------------------------------

/// Connections to the application that screens messages; each has one question at a time.
inline constexpr std::size_t screening_connections = 16;
/// Questions of one user that wait for one: what somebody types, and scripts, many times over.
inline constexpr std::size_t screenings_of_user = 64;
/// Bytes of an answer: a body and application data, most of it escaped in JSON.
inline constexpr std::size_t screening_answer_bytes = 128 * 1024;
/// Bytes of the reason that an author is told.
inline constexpr std::size_t screening_reason_bytes = 1024;
/// When to try again to send what could not be screened.
inline constexpr auto screening_retry = 1s;

} // namespace parley::limits
