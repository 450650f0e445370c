// A queue in one block of memory, for those that are mostly empty: unlike a deque, it then has
// none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace parley {

/// First in, first out. What was taken out in front stays as a hole until the holes outnumber the
/// rest, so every step is O(1) amortised. An empty one keeps at most `kept_bytes` of memory.
/// References and iterators are valid until the next change.
template <class T>
class fifo {
public:
  static constexpr std::size_t kept_bytes = 128;

  fifo() = default;
  fifo(const fifo&) = default;
  fifo(fifo&& from) noexcept
      : items_(std::move(from.items_)), first_(std::exchange(from.first_, 0)) {}
  fifo& operator=(fifo from) noexcept {
    items_.swap(from.items_);
    std::swap(first_, from.first_);
    return *this;
  }
  ~fifo() = default;

  bool empty() const noexcept { return first_ == items_.size(); }
  std::size_t size() const noexcept { return items_.size() - first_; }

  /// Items there is memory for, holes included.
  std::size_t capacity() const noexcept { return items_.capacity(); }

  T& front() { return items_[first_]; }
  const T& front() const { return items_[first_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }
  T& operator[](std::size_t index) { return items_[first_ + index]; }
  const T& operator[](std::size_t index) const { return items_[first_ + index]; }

  auto begin() noexcept { return items_.begin() + offset(); }
  auto end() noexcept { return items_.end(); }
  auto begin() const noexcept { return items_.begin() + offset(); }
  auto end() const noexcept { return items_.end(); }

  auto rbegin() const noexcept { return std::make_reverse_iterator(end()); }
  auto rend() const noexcept { return std::make_reverse_iterator(begin()); }

  void push_back(T item) { items_.push_back(std::move(item)); }
  template <class... Args>
  void emplace_back(Args&&... args) {
    items_.emplace_back(std::forward<Args>(args)...);
  }
  /// O(n) when nothing was taken out before.
  void push_front(T item) {
    if (first_ > 0)
      items_[--first_] = std::move(item);
    else
      items_.insert(items_.begin(), std::move(item));
  }

  void pop_front() {
    [[maybe_unused]] const T gone =
        std::move(items_[first_++]); // what it held goes now, not with the hole
    if (empty())
      clear();
    else if (first_ >= fewest_holes && first_ > size())
      close_holes();
  }
  /// O(n).
  void erase(typename std::vector<T>::iterator which) {
    items_.erase(which);
    if (empty())
      clear();
  }
  template <class Predicate>
  void erase_if(Predicate&& is_out) {
    items_.erase(std::remove_if(begin(), end(), std::forward<Predicate>(is_out)), end());
    if (empty())
      clear();
  }
  void clear() {
    first_ = 0;
    if (items_.capacity() * sizeof(T) <= kept_bytes)
      items_.clear();
    else
      std::vector<T>{}.swap(items_);
  }

private:
  static constexpr std::size_t fewest_holes = 16;

  std::ptrdiff_t offset() const noexcept { return static_cast<std::ptrdiff_t>(first_); }
  void close_holes() {
    if (items_.capacity() > 4 * size()) // after a backlog: it may never run empty
      std::vector<T>{std::make_move_iterator(begin()), std::make_move_iterator(end())}.swap(items_);
    else
      items_.erase(items_.begin(), begin());
    first_ = 0;
  }

  std::vector<T> items_;
  std::size_t first_ = 0; ///< Holes in front.
};

} // namespace parley
