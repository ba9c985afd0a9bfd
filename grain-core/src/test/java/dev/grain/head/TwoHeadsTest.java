package dev.grain.head;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.JobStatus;
import dev.grain.Resource;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.DispatchStats;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.explain.Sentences;
import dev.grain.loop.ManualLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.MemoryLink;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.link.HeadLink;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Retries;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two programs that use the same workers, each of which has two cores. */
final class TwoHeadsTest {
  private static final long TEN_MILLIS = 10_000_000;

  private final ManualLoop loop = new ManualLoop();
  private final Program red = new Program("red");
  private final Program blue = new Program("blue");
  private final Worker first = new Worker("w1");
  private final Worker second = new Worker("w2");
  // by run and number in the run, as "red 1 on w1"
  private final Map<String, JobRunner.Events> running = new LinkedHashMap<>();

  /** A head with one client. */
  private final class Program {
    final Head head;
    final Client client;

    Program(String name) {
      head = new Head(name, loop, new Policy(false, 16, false, Placement.bestFit()));
      client = head.open(name, CodeLibrary.NONE, OutcomeLog.NONE);
    }

    ToldJob submit(Resource request) {
      ToldJob told = new ToldJob(client.nextNumber());
      Order.Spec spec =
          new Order.Spec(
              "",
              Demand.of(request),
              Order.Limits.NONE,
              new Work.Call(Bytes.empty(), false),
              new Order.Setting(CodeRef.OWN));
      Dispatch.Ticket ticket =
          client.prepare(new JobTemplate(spec, Retries.NONE), Bytes.empty(), null, told);
      assertThat(client.submit(ticket)).isTrue();
      return told;
    }

    String explain(long job) {
      return Sentences.of(Objects.requireNonNull(client.explain(job)).situation());
    }

    DispatchStats.OfWorker stats(String worker) {
      return client.stats().workers().stream()
          .filter(each -> each.name().equals(worker))
          .findAny()
          .orElseThrow();
    }
  }

  /** A worker of both programs. */
  private final class Worker {
    final String name;
    final NodeEngine engine;

    Worker(String name) {
      this.name = name;
      this.engine = new NodeEngine(name, offer(), loop, new EngineLimits(16, 64));
    }

    private static Offer offer() {
      return Offer.of(cpu(2), Offer.EMPTY);
    }

    HeadLink join(Program program) {
      Equipment equipment =
          new Equipment(
              Runners.NONE.with(Work.Kind.CALL, (order, _, _, events) -> start(order, events)),
              CodeAccess.OWN,
              () -> {});
      HeadLink link = new HeadLink(engine, (_, _) -> equipment, Long.MAX_VALUE);
      NodeSession session =
          program.head.join(
              name, offer(), new MemoryLink<>(loop, link::received, link::batchEnded));
      link.open(new MemoryLink<>(loop, session::receive, session::batchEnded));
      return link;
    }

    private JobRunner.Running start(Order order, JobRunner.Events events) {
      String job = "%s %s on %s".formatted(order.run(), order.job(), name);
      running.put(job, events);
      return () -> loop.post(() -> end(job));
    }
  }

  private void end(String job) {
    JobRunner.Events events = running.remove(job);
    if (events != null) {
      events.ended(new AttemptEnd.Value(Bytes.empty()));
    }
  }

  private void turn() {
    loop.pass(1);
  }

  private void endAndTurn(String job) {
    assertThat(running).containsKey(job);
    end(job);
    turn();
  }

  @AfterEach
  void checkInvariants() {
    Stream.of(red, blue).forEach(program -> program.head.checkInvariants());
    Stream.of(first, second).forEach(worker -> worker.engine.checkInvariants());
  }

  @Test
  void jobs_thatDoNotFitBesideThoseOfTheOtherProgram_runOnTheIdleWorker() {
    first.join(red);
    first.join(blue);
    second.join(blue);
    turn();
    red.submit(cpu(1));
    turn();
    for (int count = 0; count < 4; count++) {
      blue.submit(cpu(2));
    }
    turn();
    for (int ended = 0; ended < 4; ended++) {
      String job =
          running.keySet().stream().filter(each -> each.startsWith("blue")).findAny().get();
      assertThat(job).endsWith("on w2");
      endAndTurn(job);
    }
    assertThat(running).containsOnlyKeys("red 1 on w1");
    assertThat(blue.client.progress().succeeded()).isEqualTo(4);
  }

  @Test
  void job_thatWasSentWhileAnotherProgramTookTheCores_isTakenBackForAnIdleWorker() {
    first.join(red);
    first.join(blue);
    turn();
    // both know of two free cores
    red.submit(cpu(1));
    ToldJob job = blue.submit(cpu(2));
    turn();
    assertThat(running).containsOnlyKeys("red 1 on w1");
    assertThat(job.status()).isEqualTo(JobStatus.SENT);

    second.join(blue);
    turn();
    assertThat(running).containsOnlyKeys("red 1 on w1", "blue 1 on w2");
  }

  @Test
  void explainAndStats_knowWhatTheOtherProgramHolds() {
    first.join(red);
    first.join(blue);
    turn();
    red.submit(cpu(1));
    blue.submit(cpu(2));
    turn();

    assertThat(blue.explain(1))
        .isEqualTo(
            "is queued on w1 and waits there for 2 cores: w1 has 1 of 2 free (another "
                + "program holds 1 of 2)");
    assertThat(blue.stats("w1").free()).containsEntry("cpu", 1.0);
    assertThat(blue.stats("w1").others()).containsEntry("cpu", 1.0);
    assertThat(red.stats("w1").others()).containsEntry("cpu", 0.0);
  }

  @Test
  void program_thatJoinsLater_isToldWhatTheOtherOneHolds() {
    first.join(red);
    red.submit(cpu(2));
    turn();

    first.join(blue);
    turn();
    assertThat(blue.stats("w1").free()).containsEntry("cpu", 0.0);
  }

  @Test
  void program_thatLeaves_isNoLongerInTheWay() {
    HeadLink link = first.join(red);
    first.join(blue);
    red.submit(cpu(2));
    turn();
    blue.submit(cpu(2));
    turn();
    assertThat(running).containsOnlyKeys("red 1 on w1");

    link.leave();
    turn();
    assertThat(running).containsOnlyKeys("blue 1 on w1");
    assertThat(blue.stats("w1").others()).containsEntry("cpu", 0.0);
  }

  @Test
  void jobs_ofBothPrograms_takeTurnsWhereEachWantsAll() {
    first.join(red);
    first.join(blue);
    turn();
    for (int count = 0; count < 20; count++) {
      red.submit(cpu(1));
      blue.submit(cpu(1));
    }
    turn();
    for (int ended = 0; ended < 20; ended++) {
      loop.pass(TEN_MILLIS);
      endAndTurn(running.keySet().iterator().next());
    }
    assertThat(red.client.progress().succeeded()).isBetween(6L, 14L);
    assertThat(blue.client.progress().succeeded()).isBetween(6L, 14L);
  }
}
