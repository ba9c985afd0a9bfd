package dev.grain.node.call;

import dev.grain.bytes.Bytes;
import dev.grain.jfr.FlightRecording;
import dev.grain.jfr.FlightRecording.Side;
import dev.grain.jfr.JobEnded;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import org.jspecify.annotations.Nullable;

/** Tells flight recordings what becomes of calls on their worker. */
public final class CallRecording {
  private CallRecording() {}

  /**
   * Records that an attempt has started, if anybody wants it.
   *
   * @return the recording to be ended; null if recording is off
   */
  public static @Nullable JobEnded started(Order order, String worker) {
    String name = order.spec().name();
    FlightRecording.started(Side.WORKER, order.run(), order.job(), order.attempt(), name, worker);
    return FlightRecording.begin(order.run(), order.job(), order.attempt(), name, worker);
  }

  /** Records that an attempt has ended, if its start was. */
  public static void ended(@Nullable JobEnded begun, AttemptEnd end) {
    if (begun != null) {
      switch (end) {
        case AttemptEnd.Value(Bytes value) -> begun.end(true, value.length());
        case AttemptEnd.Failure(Bytes failure, String _) -> begun.end(false, failure.length());
        case AttemptEnd.TimedOut _,
            AttemptEnd.OutOfMemory _,
            AttemptEnd.Cancelled _,
            AttemptEnd.NotStarted _,
            AttemptEnd.Unable _,
            AttemptEnd.Unprepared _ ->
            begun.end(false, 0);
      }
    }
  }
}
