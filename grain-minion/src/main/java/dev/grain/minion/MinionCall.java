package dev.grain.minion;

import dev.grain.function.Act1;
import dev.grain.minion.report.MinionEvent.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** The call of a function for an item, wherever the job runs. */
final class MinionCall {
  private static final ScopedValue<List<Action>> ACTIONS = ScopedValue.newInstance();
  private static final double NANOS = 1e9;

  private MinionCall() {}

  /** Calls it, and returns what was timed. */
  static List<Action> call(Act1<Parameter> function, Parameter parameter) throws Exception {
    // the function may fork, and its subtasks time something, too
    List<Action> actions = Collections.synchronizedList(new ArrayList<>());
    ScopedValue.where(ACTIONS, actions)
        .call(() -> {
          function.run(parameter);
          return null;
        });
    return List.copyOf(actions);
  }

  static <T extends @Nullable Object> T timed(String name, Callable<T> code) throws Exception {
    double start = now();
    try {
      return code.call();
    } finally {
      if (ACTIONS.isBound()) {
        ACTIONS.get().add(new Action(name, start, now()));
      }
    }
  }

  /** Returns the time in seconds since 1970. */
  static double now() {
    Instant now = Instant.now();
    return now.getEpochSecond() + now.getNano() / NANOS;
  }
}
