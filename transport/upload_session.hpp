// A socket whose request's body is a file.
#pragma once

#include <memory>
#include <string>

#include "actors/file_desk.hpp"
#include "transport/file_session.hpp"
#include "transport/http_body.hpp"

namespace parley {

/// Receives a portion, has it written, and only then receives the next one. Answers once the file
/// is durable; when the client goes away before that, nothing is left of it.
class upload_session final : public file_session {
public:
  /// `received` is what came behind the head.
  upload_session(shard& on, std::uint64_t key, link_ptr link, file_upload asked,
                 std::string_view head, std::string received);

  void on_readable() override;
  void on_deadline(instant now) override;
  void flush(instant) override { begin(); }
  void drain(instant now) override;

private:
  /// What is waited for.
  enum class phase : std::uint8_t { new_here, opening, reading, writing, finishing, answering };

  void begin();
  void on_begun(const result<std::shared_ptr<upload>>& begun);
  void take(std::string_view received);
  void on_written(const outcome& how);
  void on_finished(const result<file_facts>& how);
  void go_on();
  void refuse(const failure& why);
  void reply(http_answer what);
  void on_sent() override;
  void let_go() override { file_.reset(); }
  void set_deadline();

  file_upload asked_;
  body_reader body_;
  std::string received_;
  phase phase_ = phase::new_here;
  std::shared_ptr<upload> file_;
  std::uint64_t progress_ = 0; ///< Bytes received since the deadline was set.
  instant deadline_{};
};

} // namespace parley
