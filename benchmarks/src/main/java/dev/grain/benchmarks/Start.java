package dev.grain.benchmarks;

/** How long worker, program and first job take to start. */
final class Start implements Question {
  @Override
  public String name() {
    return "start";
  }

  @Override
  public String asks() {
    return "How long does it take until a worker is ready, until a program has ended, and until the"
        + " first job has run?";
  }

  @Override
  public void answer(Settings settings, Report report) throws Exception {
    try (Scratch scratch = Scratch.create()) {
      Unpacked plain = Unpacked.into(scratch.folder().resolve("plain"), scratch.folder());
      Unpacked cached = Unpacked.into(scratch.folder().resolve("cached"), scratch.folder());
      cached.makeCache();
      int rounds = settings.probe().roundsOr(settings.quick() ? 3 : 15);
      new ReadyStart(plain, cached).answer(rounds, report);
      new ProgramStart(cached).answer(rounds, report);
      new FirstJobStart(cached).answer(settings.quick(), rounds, report);
    }
  }
}
