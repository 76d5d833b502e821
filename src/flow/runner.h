#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flow/core.h"
#include "flow/step_run.h"

// Runs one program on one subject. A step may own further runners; a leg's main runner is its slot's.
namespace sotto::flow {

class Runner final : public Watcher {
 public:
  struct Place {
    Role role = Role::Main;
    std::optional<LegId> only;  // of a room's announcement: the one who hears it
    size_t depth = 0;
  };
  Runner(Core& core, Subject subject, Place place, RunnerOwner& owner);
  ~Runner() override;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void run(std::shared_ptr<const Program> program);
  void run(const DocumentRef& first, Outcome outcome);
  // Lets go of everything. Legal at any moment, also twice; nothing is called back afterwards.
  void cancel(Cancel why);
  // Takes the next step, or does what follows the last.
  void advance();

  // For steps.
  Core& core() { return core_; }
  const Subject& subject() const { return subject_; }
  LegId leg() const { return std::get<LegId>(subject_); }
  const call::Leg* live() const;  // the subject leg, unless it has ended
  const Place& place() const { return place_; }
  call::Audience audience() const;  // whoever a prompt of this program is for
  void finish(Outcome outcome);     // the present step is over
  void end(Ending ending);          // so is the program
  void play_under(call::PromptSpec prompt, bool barge_in);
  bool playing_under() const { return !under_.empty(); }
  void stop_under();
  void on_under_over(std::function<void()> then) { under_over_ = std::move(then); }
  std::string take_typed_ahead();
  void type_ahead(char digit) { typed_ahead_ += digit; }
  bool followed() const;  // by a further step

  bool key_pressed() const { return key_pressed_; }
  bool done() const { return phase_ == Phase::Done; }
  StepRun* step() const { return phase_ == Phase::Running ? step_.get() : nullptr; }
  std::string_view doing() const;

  Consumed on_watched(const call::Event& event) override;

 private:
  enum class Phase { Ready, Answering, Running, Finished, Asking, Draining, Done };
  struct Under {
    call::PromptSpec prompt;
    bool barge_in = false;
  };

  void start_step();
  bool fulfil_needs(const Step& step);
  void follow(Outcome outcome);
  void use(Result<Answer> answer);
  void replace(std::shared_ptr<const Program> program);
  void no_more_steps();
  void subject_gone();
  void tell(const Step& step, const Outcome& outcome);
  void next_under();
  void let_go();

  Core& core_;
  const Subject subject_;
  const Place place_;
  RunnerOwner& owner_;

  Phase phase_ = Phase::Ready;
  std::shared_ptr<const Program> program_;
  size_t index_ = 0;
  std::unique_ptr<StepRun> step_;
  std::optional<Outcome> finished_;
  std::optional<std::pair<DocumentRef, Outcome>> first_;
  Request request_;
  Watch watch_;
  size_t documents_without_media_ = 0;

  // Prompts that play under the steps, the first of them now.
  std::vector<Under> under_;
  Sound under_sound_;
  std::function<void()> under_over_;
  std::string typed_ahead_;
  bool key_pressed_ = false;
};

}  // namespace sotto::flow
