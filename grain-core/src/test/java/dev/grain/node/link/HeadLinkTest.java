package dev.grain.node.link;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.loop.Loop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Link;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import dev.grain.resource.internal.Offer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a node sends to its head. */
final class HeadLinkTest {
  private static final long LARGE = 100;
  private static final Bytes HASH = Bytes.utf8("bundle");
  private static final CodeRef BUNDLE = new CodeRef.Bundle(HASH);

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final List<JobRunner.Events> running = new ArrayList<>();
  private final List<Message> sent = new ArrayList<>();
  private boolean congested;
  private Consumer<@Nullable AttemptEnd> prepared = _ -> {};
  private int closed;
  private final List<String> equipped = new ArrayList<>();
  private final List<String> left = new ArrayList<>();
  private final List<String> codeHeard = new ArrayList<>();
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
          new EngineLimits(16, 64));
  private final HeadLink link =
      new HeadLink(
          engine,
          (run, _) -> {
            equipped.add(run);
            return new Equipment(
                Runners.NONE.with(Work.Kind.CALL, this::start),
                new Shelf(run),
                () -> left.add(run));
          },
          LARGE);

  /** Has no code but that of this process, until a test reports what became of a bundle. */
  private final class Shelf implements CodeAccess {
    private final String run;

    Shelf(String run) {
      this.run = run;
    }

    @Override
    public boolean isReady(CodeRef code) {
      return code.equals(CodeRef.OWN);
    }

    @Override
    public void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
      ask.ask(((CodeRef.Bundle) code).hash());
      prepared = whenDone;
    }

    @Override
    public void onContent(Bytes hash, Bytes content) {
      codeHeard.add(run + " got " + content.utf8());
    }

    @Override
    public void onMissing(Bytes hash, String reason) {
      codeHeard.add(run + " misses: " + reason);
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private JobRunner.Running start(
      Order order, Allocation allocation, Ready ready, JobRunner.Events events) {
    running.add(events);
    return () -> {};
  }

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

          @Override
          public boolean isCongested() {
            return congested;
          }
        });
  }

  @Test
  void onEnded_largeValue_saysBeforeThatTheSlotsAreFree() {
    AttemptEnd small = new AttemptEnd.Value(Bytes.of(new byte[(int) LARGE - 1]));
    AttemptEnd large = new AttemptEnd.Value(Bytes.of(new byte[(int) LARGE]));
    run(1);
    run(2);
    running.get(0).ended(small);
    running.get(1).ended(large);
    passTasks();
    assertThat(sent)
        .containsExactly(
            new Message.Started(1, 1, Fractions.NONE),
            new Message.Started(2, 1, Fractions.NONE),
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

  @Test
  void job_whoseCodeIsMissing_waitsWithoutSlots_untilItIsThere() {
    run(1, BUNDLE);
    run(2, BUNDLE);
    run(3);
    assertThat(sent)
        .containsExactly(new Message.NeedCode(HASH), new Message.Started(3, 1, Fractions.NONE));
    prepared.accept(null);
    assertThat(engine.startedCount()).isEqualTo(2);
    assertThat(sent).endsWith(new Message.Started(1, 1, Fractions.NONE));
  }

  @Test
  void job_whoseCodeCannotBeMadeReady_endsWithTheReason() {
    run(1, BUNDLE);
    prepared.accept(new AttemptEnd.Unable("the disk is full"));
    assertThat(sent)
        .endsWith(new Message.Ended(1, 1, new AttemptEnd.Unable("the disk is full"), 0));
  }

  @Test
  void job_thatWaitsForItsCode_isGivenBackOrCancelledAtOnce() {
    run(1, BUNDLE);
    run(2, BUNDLE);
    link.received(new Message.TakeBack(1, 1));
    link.received(new Message.Stop(2, 1));
    prepared.accept(null);
    assertThat(sent)
        .containsExactly(
            new Message.NeedCode(HASH),
            new Message.Returned(1, 1),
            new Message.Ended(2, 1, new AttemptEnd.Cancelled(), 0));
    assertThat(engine.startedCount()).isZero();
  }

  @Test
  void refused_argumentsLargerThanTheNodeTakes_endTheJobWithTheReason() {
    link.refused(order(1, CodeRef.OWN), 1L << 40);
    assertThat(sent)
        .singleElement()
        .isInstanceOfSatisfying(
            Message.Ended.class,
            ended ->
                assertThat(ended.end().toString())
                    .contains("1,099,511,627,776 bytes", "give the worker a larger heap"));
  }

  @Test
  void output_whileTheLinkIsCongested_isLeftOutAndCounted() {
    run(1);
    sent.clear();
    congested = true;
    running.getFirst().printed(Bytes.utf8("lost\n"), false);
    passTasks();
    assertThat(sent).isEmpty();
    congested = false;
    running.getFirst().printed(Bytes.utf8("seen\n"), false);
    passTasks();
    assertThat(sent.toString()).contains(Bytes.utf8("seen\n").toString());
    assertThat(((Message.Output) sent.getFirst()).text().utf8()).contains("5 bytes", "dropped");
  }

  @Test
  void leave_saysNothingMore_andClosesTheCodeWhenTheLastJobHasEnded() {
    run(1);
    run(2, BUNDLE);
    sent.clear();
    link.leave();
    assertThat(closed).isZero();
    running.getFirst().ended(new AttemptEnd.Cancelled());
    passTasks();
    assertThat(closed).isEqualTo(1);
    assertThat(left).containsExactly("run");
    assertThat(sent).isEmpty();
  }

  @Test
  void runs_ofOneHead_haveTheirOwnEquipment_untilTheyAreOver() {
    runOf("a", 1);
    runOf("b", 2);
    assertThat(equipped).containsExactly("a", "b");
    link.received(new Message.RunOver("a"));
    link.received(new Message.RunOver("unknown"));
    assertThat(left).isEmpty();
    running.get(0).ended(new AttemptEnd.Value(Bytes.empty()));
    passTasks();
    assertThat(left).containsExactly("a");
    running.get(1).ended(new AttemptEnd.Value(Bytes.empty()));
    passTasks();
    runOf("b", 3);
    assertThat(equipped).containsExactly("a", "b");
    running.get(2).ended(new AttemptEnd.Value(Bytes.empty()));
    passTasks();
    link.received(new Message.RunOver("b"));
    assertThat(left).containsExactly("a", "b");
    runOf("a", 4);
    assertThat(equipped).containsExactly("a", "b", "a");
    link.leave();
    running.get(3).ended(new AttemptEnd.Cancelled());
    passTasks();
    assertThat(left).containsExactly("a", "b", "a");
  }

  @Test
  void leave_afterARunIsOverWhoseJobsWaitForTheirCode_givesThemUp() {
    link.received(order("a", 1, BUNDLE));
    link.received(new Message.RunOver("a"));
    assertThat(left).isEmpty();
    link.leave();
    prepared.accept(null);
    assertThat(left).containsExactly("a");
    assertThat(engine.startedCount()).isZero();
  }

  @Test
  void code_goesToTheRunsThatAskedForIt() {
    Bytes other = Bytes.utf8("other");
    link.received(order("a", 1, BUNDLE));
    link.received(order("b", 2, BUNDLE));
    link.received(order("c", 3, new CodeRef.Bundle(other)));
    link.received(new Message.CodeContent(HASH, Bytes.utf8("code")));
    link.received(new Message.CodeContent(HASH, Bytes.utf8("again")));
    link.received(new Message.CodeMissing(other, "gone"));
    assertThat(codeHeard).containsExactly("a got code", "b got code", "c misses: gone");
  }

  private void runOf(String run, long job) {
    link.received(order(run, job, CodeRef.OWN));
    link.batchEnded();
  }

  private static Order order(String run, long job, CodeRef code) {
    Order.Spec spec = Orders.spec(Demand.of(cpu(1)), Order.Limits.NONE, code);
    return new Order(run, job, job, 1, false, spec, Bytes.empty());
  }

  private void run(long job) {
    run(job, CodeRef.OWN);
  }

  private void run(long job, CodeRef code) {
    link.received(order(job, code));
    link.batchEnded();
  }

  private static Order order(long job, CodeRef code) {
    return Orders.of(
        job, 1, false, Orders.spec(Demand.of(cpu(1)), Order.Limits.NONE, code), Bytes.empty());
  }

  private void passTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
