package dev.grain.node;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.wire.End;
import dev.grain.wire.Link;
import dev.grain.wire.Loop;
import dev.grain.wire.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node says to its head. */
final class HeadLinkTest {
  private static final long LARGE = 100;

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<JobRunner.Events> running = new ArrayList<>();
  private final List<Message> sent = new ArrayList<>();
  private final NodeEngine engine =
      new NodeEngine(
          "node",
          Offer.of(cpu(2), Offer.EMPTY),
          new Loop() {
            @Override
            public void post(Runnable task) {
              tasks.add(task);
            }

            @Override
            public Timer schedule(long delayNanos, Runnable task) {
              return () -> {};
            }

            @Override
            public long now() {
              return 0;
            }

            @Override
            public boolean inLoop() {
              return true;
            }
          },
          new NodeEngine.Limits(16, 64, 1));
  private final HeadLink link =
      new HeadLink(
          engine,
          (_, _, events) -> {
            running.add(events);
            return () -> {};
          },
          CodeAccess.OWN,
          LARGE);

  @BeforeEach
  void open() {
    link.open(
        new Link<>() {
          @Override
          public void send(Message.ToHead message) {
            sent.add(message);
          }

          @Override
          public void flush() {}
        });
  }

  @Test
  void onEnded_largeValue_saysBeforeThatTheSlotsAreFree() {
    End small = new End.Value(Bytes.of(new byte[(int) LARGE - 1]));
    End large = new End.Value(Bytes.of(new byte[(int) LARGE]));
    run(1);
    run(2);
    running.get(0).ended(small);
    running.get(1).ended(large);
    passTasks();
    assertThat(sent)
        .containsExactly(
            new Message.Started(1, 1, -1, -1),
            new Message.Started(2, 1, -1, -1),
            new Message.Ended(1, 1, small, 0),
            new Message.Freed(2, 1, 0),
            new Message.Ended(2, 1, large, 0));
  }

  @Test
  void drain_saysItFirst_andGivesBackWhatWaitsAndWhatStillComes() {
    run(1);
    run(2);
    run(3);
    sent.clear();
    engine.drain(() -> {});
    run(4);
    link.received(new Message.TakeBack(3, 1));
    assertThat(sent)
        .containsExactly(
            new Message.Draining(), new Message.Returned(3, 1), new Message.Returned(4, 1));
  }

  private void run(long job) {
    link.received(
        new Message.Run(
            job,
            1,
            "",
            Demand.of(cpu(1)).encode(),
            Bytes.empty(),
            Bytes.empty(),
            0,
            false,
            false,
            Bytes.empty()));
    link.batchEnded();
  }

  private void passTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
