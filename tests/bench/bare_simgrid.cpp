#include "bare_simgrid.hpp"

#include <string>
#include <unordered_map>
#include <vector>

#include <sys/resource.h>

#include <simgrid/s4u.hpp>

namespace pagetoken {

namespace sg4 = simgrid::s4u;

namespace {

double cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

std::vector<sg4::Host*> make_star(const BareRun& run) {
  std::vector<std::string> arguments{"bare",
                                     "--log=root.thresh:critical",
                                     "--cfg=network/model:CM02",
                                     "--cfg=network/crosstraffic:no",
                                     "--cfg=network/optim:Lazy",
                                     "--cfg=network/TCP-gamma:0",
                                     "--cfg=contexts/stack-size:16",
                                     "--cfg=debug/clean-atexit:no"};
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  new sg4::Engine(&count, pointers.data());  // lives as long as the process
  sg4::NetZone* zone = sg4::create_star_zone("star");
  std::vector<sg4::Host*> hosts;
  for (std::uint32_t h = 0; h < run.hosts; ++h) {
    const std::string name = "host-" + std::to_string(h);
    const auto link = [&](const char* direction) {
      return sg4::LinkInRoute(
          zone->create_link(name + direction, run.bandwidth_bytes_per_s)->set_latency(run.latency_s)->seal());
    };
    hosts.push_back(zone->create_host(name, 1e9));
    zone->add_route(hosts[h]->get_netpoint(), nullptr, nullptr, nullptr, {link("-up")}, false);
    zone->add_route(nullptr, hosts[h]->get_netpoint(), nullptr, nullptr, {link("-down")}, false);
  }
  zone->seal();
  return hosts;
}

struct Message {
  std::uint32_t from = 0;
  bool is_reply = false;
};

/// Another host than `self`.
class Peers {
 public:
  explicit Peers(std::uint32_t hosts) : hosts_(hosts) {}
  std::uint32_t next(std::uint32_t self) {
    state_ = state_ * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
    const auto other = static_cast<std::uint32_t>((state_ >> 33) % (hosts_ - 1));
    return other < self ? other : other + 1;
  }

 private:
  std::uint32_t hosts_;
  std::uint64_t state_ = 1;
};

}  // namespace

double run_bare_actors(const BareRun& run) {
  const std::vector<sg4::Host*> hosts = make_star(run);
  std::vector<sg4::Mailbox*> mailboxes;
  for (const sg4::Host* host : hosts) mailboxes.push_back(sg4::Mailbox::by_name(host->get_name()));
  Peers peers(run.hosts);
  std::uint64_t sent = 0;
  std::uint32_t waiting = 0;  // for a message that will not come
  const auto put = [&](std::uint32_t from, std::uint32_t to, bool is_reply) {
    ++sent;
    mailboxes[to]->put_init(new Message{from, is_reply}, is_reply ? run.reply_bytes : run.request_bytes)->detach();
  };
  for (std::uint32_t self = 0; self < run.hosts; ++self)
    sg4::Actor::create("actor", hosts[self], [&, self] {
      put(self, peers.next(self), false);
      for (;;) {
        const std::unique_ptr<Message> message(mailboxes[self]->get<Message>());
        if (!message->is_reply) {
          put(self, message->from, true);
        } else if (sent < run.messages) {
          put(self, peers.next(self), false);
        } else if (++waiting == run.hosts) {
          for (const sg4::ActorPtr& actor : sg4::Engine::get_instance()->get_all_actors())
            if (actor != sg4::Actor::self()) actor->kill();
          return;
        }
      }
    });
  const double began = cpu_s();
  sg4::Engine::get_instance()->run();
  return cpu_s() - began;
}

double run_bare_communications(const BareRun& run) {
  const std::vector<sg4::Host*> hosts = make_star(run);
  struct UnderWay {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    bool is_reply = false;
    sg4::CommPtr comm{};
  };
  Peers peers(run.hosts);
  std::uint64_t sent = 0;
  std::unordered_map<const sg4::Activity*, UnderWay> under_way;
  std::vector<sg4::CommPtr> ended;
  const auto send = [&](std::uint32_t from, std::uint32_t to, bool is_reply) {
    ++sent;
    sg4::CommPtr comm = sg4::Comm::sendto_init(hosts[from], hosts[to]);
    comm->set_payload_size(is_reply ? run.reply_bytes : run.request_bytes);
    under_way[comm.get()] = {from, to, is_reply, comm};
    comm->start();
  };
  sg4::Engine::on_time_advance_cb([&](double) { ended.clear(); });
  sg4::Activity::on_completion_cb([&](const sg4::Activity& activity) {
    const auto found = under_way.find(&activity);
    const UnderWay done = found->second;
    ended.push_back(done.comm);  // it has to outlive this call
    under_way.erase(found);
    if (!done.is_reply)
      send(done.to, done.from, true);
    else if (sent < run.messages)
      send(done.to, peers.next(done.to), false);
  });
  for (std::uint32_t self = 0; self < run.hosts; ++self) send(self, peers.next(self), false);
  const double began = cpu_s();
  sg4::Engine::get_instance()->run();
  return cpu_s() - began;
}

}  // namespace pagetoken
