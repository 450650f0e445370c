// A reader without a store: says nothing, but for what a test has it say.
#pragma once

#include "actors/store_interfaces.hpp"

namespace parley::test {

class stub_reader : public reader_actor::base {
public:
  explicit stub_reader(caf::actor_config& config) : reader_actor::base(config) {}

  behavior_type make_behavior() override {
    return {
        [this](const load_conversation& query) { on_load(query); },
        [](const find_keys&) {},
        [](const find_receipts&) {},
        [](const find_message&) {},
        [](const find_invited&) {},
        [](const read_page&) {},
        [](const read_inquiry&) {},
        [](const read_list&) {},
        [](const read_catch_up&) {},
        [this](const read_shared& query) { on_shared(query); },
        [this](const read_seen& query) { on_seen(query); },
        [](const read_due&) {},
        [](const read_own_list&) {},
        [](const read_totals&) {},
        [](const read_notifiable&) {},
        [](const read_recent&) {},
        [](const read_files&) {},
        [this](const read_trimmable& query) { on_trimmable(query); },
        [](const read_erasures&) {},
        [](const applied&) {},
        [](const read_dealings&) {},
        [](const find_profile&) {},
    };
  }

protected:
  virtual void on_load(const load_conversation&) {}
  virtual void on_shared(const read_shared&) {}
  virtual void on_seen(const read_seen&) {}
  virtual void on_trimmable(const read_trimmable&) {}
};

} // namespace parley::test
