package dev.grain.sim;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A promise that a seed has shown to be broken.
 *
 * @param what the promise and the facts
 * @param lines what has happened, shortened
 * @param events how many events there were in all
 */
record Finding(long seed, String flags, String what, List<String> lines, int events) {
  private static final int SHOWN = 60;
  private static final Pattern JOB = Pattern.compile("job (\\d+)\\b");

  /** Runs a seed, and once more if it finds something, to see what has happened. */
  static Optional<Finding> of(long seed, Size size, Supplier<Plant> plants) {
    return of(
        seed, size.asFlags(), recording -> new Simulation(seed, size, recording, plants.get()));
  }

  /** Runs a seed of detached jobs; as {@link #of(long, Size, Supplier)}. */
  static Optional<Finding> ofDetached(long seed, Size size, Supplier<DetachedPlant> plants) {
    return of(
        seed,
        " --detached" + size.asFlags(),
        recording -> new DetachedSimulation(seed, size, recording, plants.get()));
  }

  private static Optional<Finding> of(long seed, String flags, Story.Maker maker) {
    try {
      maker.make(false).run();
      return Optional.empty();
    } catch (IllegalStateException found) {
      return Optional.of(replay(seed, flags, maker, String.valueOf(found.getMessage())));
    }
  }

  private static Finding replay(long seed, String flags, Story.Maker maker, String what) {
    Story again = maker.make(true);
    String same = what;
    try {
      again.run();
      same = what + " (but not when it ran again)";
    } catch (IllegalStateException expected) {
      // the same again
    }
    List<String> lines = again.trace().lines();
    return new Finding(seed, flags, same, shorten(lines, what), lines.size());
  }

  /** Keeps the last lines, and those about nodes and about the job that the finding is about. */
  private static List<String> shorten(List<String> lines, String what) {
    Matcher job = JOB.matcher(what);
    String about = job.find() ? " job " + job.group(1) + " " : null;
    return IntStream.range(0, lines.size())
        .filter(index ->
            index >= lines.size() - SHOWN
                || !lines.get(index).contains(" job ")
                || (about != null && lines.get(index).contains(about)))
        .mapToObj(lines::get)
        .toList();
  }

  @Override
  public String toString() {
    return """
    seed %s: %s
    %s of %s events:
    %s
    Replay: bin/grain simulate --seeds 1 --from %s%s
    """
        .formatted(seed, what, lines.size(), events, String.join("\n", lines), seed, flags);
  }
}
