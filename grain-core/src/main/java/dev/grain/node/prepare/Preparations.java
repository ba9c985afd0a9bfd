package dev.grain.node.prepare;

import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the jobs of one run need besides their shipped code. It stays ready until the run is over on
 * the node. Called on the node's loop.
 */
public interface Preparations {
  /** For jobs that need nothing. */
  Preparations NONE =
      new Preparations() {
        @Override
        public @Nullable Ready find(Order.Setting setting) {
          return setting.isPrepared() ? null : Ready.NOTHING;
        }

        @Override
        public void prepare(
            Order.Setting setting,
            Consumer<String> onPhase,
            Consumer<@Nullable AttemptEnd> whenDone) {
          whenDone.accept(
              new AttemptEnd.NotStarted("needs something that this node cannot prepare"));
        }

        @Override
        public void cancel(Order.Setting setting) {}

        @Override
        public void close() {}
      };

  /** Returns what a job with that setting finds ready; null if it is not ready. */
  @Nullable Ready find(Order.Setting setting);

  /**
   * Makes ready what is not; to be called once for it.
   *
   * @param onPhase called on the loop with what is being done, now and then
   * @param whenDone called on the loop with null, or if it failed with how its jobs end; not after
   *     {@link #cancel} and {@link #close}
   */
  void prepare(
      Order.Setting setting, Consumer<String> onPhase, Consumer<@Nullable AttemptEnd> whenDone);

  /** Nobody waits for it any more. */
  void cancel(Order.Setting setting);

  /** Cancels what is being made ready, and lets go of what is; no job of the run comes any more. */
  void close();
}
