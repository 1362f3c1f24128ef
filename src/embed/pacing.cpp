#include <loci/embed/pacing.hpp>

#include <random>
#include <thread>

namespace loci::embed {
namespace {

class RealPacing final : public Pacing {
public:
  Clock::time_point now() override { return Clock::now(); }
  std::chrono::system_clock::time_point wall_clock() override {
    return std::chrono::system_clock::now();
  }
  double jitter() override {
    thread_local std::minstd_rand engine(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(engine);
  }
  void wait(std::chrono::milliseconds span) override { std::this_thread::sleep_for(span); }
};

}  // namespace

Pacing& real_pacing() {
  static RealPacing instance;
  return instance;
}

}  // namespace loci::embed
