package dev.grain.head;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.Cause;
import dev.grain.JobStatus;
import dev.grain.bytes.Bytes;
import dev.grain.dispatch.Dispatch;
import dev.grain.dispatch.JobEnd;
import dev.grain.dispatch.JobTemplate;
import dev.grain.dispatch.OutcomeLog;
import dev.grain.dispatch.RunProgress;
import dev.grain.loop.ManualLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Isolation;
import dev.grain.message.MemoryLink;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Work;
import dev.grain.node.CodeAccess;
import dev.grain.node.EngineLimits;
import dev.grain.node.Equipment;
import dev.grain.node.JobRunner;
import dev.grain.node.NodeEngine;
import dev.grain.node.Runners;
import dev.grain.node.link.HeadLink;
import dev.grain.node.prepare.Preparations;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Offer;
import dev.grain.schedule.Placement;
import dev.grain.schedule.Policy;
import dev.grain.schedule.Retries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A head with two clients and one node of two cores. */
final class TwoClientsTest {
  private final ManualLoop loop = new ManualLoop();
  private final Head head =
      new Head("head", loop, new Policy(false, 16, false, Placement.bestFit()));
  private final NodeEngine engine =
      new NodeEngine("node", Offer.of(cpu(2), Offer.EMPTY), loop, new EngineLimits(16, 64));
  // by run and number in the run, as "red 1"
  private final Map<String, JobRunner.Events> running = new LinkedHashMap<>();
  private final List<String> closedCode = new ArrayList<>();
  private final List<String> askedFor = new ArrayList<>();

  // of the last preparation
  private Consumer<String> phases = _ -> {};
  private Runnable prepared = () -> {};

  private final Client red = open("red");
  private final Client blue = open("blue");

  private Client open(String run) {
    CodeLibrary library =
        (hash, answer) -> {
          askedFor.add(run);
          answer.accept(
              hash.utf8().equals("code of " + run)
                  ? new Message.CodeContent(hash, Bytes.utf8(run))
                  : new Message.CodeMissing(hash, "not the code of " + run));
        };
    return head.open(run, library, OutcomeLog.NONE);
  }

  @BeforeEach
  void join() {
    HeadLink link = new HeadLink(engine, (run, _) -> equip(run), Long.MAX_VALUE);
    NodeSession session =
        head.join(
            "node",
            Offer.of(cpu(2), Offer.EMPTY),
            new MemoryLink<>(loop, link::received, link::batchEnded));
    link.open(new MemoryLink<>(loop, session::receive, session::batchEnded));
    turn();
  }

  @AfterEach
  void checkInvariants() {
    head.checkInvariants();
    engine.checkInvariants();
  }

  private Equipment equip(String run) {
    return new Equipment(
        Runners.NONE.with(Work.Kind.CALL, this::start),
        new FetchedCode(run),
        new HeldPreparations(),
        () -> {});
  }

  /** What is prepared is ready when the test says so. */
  private final class HeldPreparations implements Preparations {
    private boolean ready;

    @Override
    public @Nullable Ready find(Order.Setting setting) {
      return ready || !setting.isPrepared() ? Ready.NOTHING : null;
    }

    @Override
    public void prepare(
        Order.Setting setting, Consumer<String> onPhase, Consumer<@Nullable AttemptEnd> whenDone) {
      phases = onPhase;
      prepared =
          () -> {
            ready = true;
            whenDone.accept(null);
          };
    }

    @Override
    public void cancel(Order.Setting setting) {}

    @Override
    public void close() {}
  }

  private JobRunner.Running start(
      Order order, Allocation allocation, Ready ready, JobRunner.Events events) {
    running.put(order.run() + " " + order.job(), events);
    return new JobRunner.Running() {
      @Override
      public void stop() {
        loop.post(() -> end(order.run() + " " + order.job(), "stopped"));
      }

      @Override
      public boolean kill() {
        return false;
      }
    };
  }

  /** Code that is there when the head has sent it. */
  private final class FetchedCode implements CodeAccess {
    private final String run;
    private @Nullable Consumer<@Nullable AttemptEnd> whenDone;
    private boolean ready;

    FetchedCode(String run) {
      this.run = run;
    }

    @Override
    public boolean isReady(CodeRef code) {
      return ready || code instanceof CodeRef.Own;
    }

    @Override
    public void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> done) {
      whenDone = done;
      ask.ask(((CodeRef.Bundle) code).hash());
    }

    @Override
    public void onContent(Bytes hash, Bytes content) {
      assertThat(content.utf8()).isEqualTo(run);
      ready = true;
      whenDone.accept(null);
    }

    @Override
    public void onMissing(Bytes hash, String reason) {
      whenDone.accept(new AttemptEnd.NotStarted(reason));
    }

    @Override
    public void close() {
      closedCode.add(run);
    }
  }

  private ToldJob submit(Client client, CodeRef code) {
    return submit(client, new Order.Setting(code));
  }

  private ToldJob submit(Client client, Order.Setting setting) {
    ToldJob told = new ToldJob(client.nextNumber());
    Order.Spec spec =
        new Order.Spec(
            "", Demand.of(cpu(1)), Order.Limits.NONE, new Work.Call(Bytes.empty(), false), setting);
    Dispatch.Ticket ticket =
        client.prepare(new JobTemplate(spec, Retries.NONE), Bytes.empty(), null, told);
    assertThat(client.submit(ticket)).isTrue();
    turn();
    return told;
  }

  private ToldJob submit(Client client) {
    return submit(client, CodeRef.OWN);
  }

  private void end(String job, String value) {
    JobRunner.Events events = running.remove(job);
    if (events != null) {
      events.ended(new AttemptEnd.Value(Bytes.utf8(value)));
    }
    turn();
  }

  private void turn() {
    loop.pass(1);
  }

  private static String valueOf(ToldJob job) {
    return ((JobEnd.Returned) job.end()).value().utf8();
  }

  private static int running(Client client) {
    RunProgress progress = client.progress();
    return progress.counts().running();
  }

  @Test
  void jobs_ofBothClients_shareTheSlots() {
    submit(red);
    ToldJob second = submit(red);
    ToldJob third = submit(blue);

    assertThat(running).containsOnlyKeys("red 1", "red 2");
    end("red 1", "");

    assertThat(running).containsOnlyKeys("red 2", "blue 1");
    assertThat(second.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(third.status()).isEqualTo(JobStatus.RUNNING);
  }

  @Test
  void numbers_countTheJobsOfEachRun() {
    assertThat(submit(red).number()).isEqualTo(1);
    assertThat(submit(blue).number()).isEqualTo(1);
    assertThat(submit(red).number()).isEqualTo(2);

    assertThat(red.lastNumber()).isEqualTo(2);
    assertThat(blue.lastNumber()).isEqualTo(1);
  }

  @Test
  void ends_goToTheClient_whoseJobItWas() {
    ToldJob ofRed = submit(red);
    ToldJob ofBlue = submit(blue);

    end("blue 1", "blue's value");
    assertThat(ofRed.end()).isNull();
    assertThat(valueOf(ofBlue)).isEqualTo("blue's value");

    end("red 1", "red's value");
    assertThat(valueOf(ofRed)).isEqualTo("red's value");
  }

  @Test
  void counts_areThoseOfTheClient() {
    submit(red);
    submit(red);
    submit(blue);
    end("red 1", "");

    assertThat(running(red)).isEqualTo(1);
    assertThat(running(blue)).isEqualTo(1);
    assertThat(red.progress().succeeded()).isEqualTo(1);
    assertThat(blue.progress().succeeded()).isZero();
    assertThat(red.stats().submitted()).isEqualTo(2);
    assertThat(blue.stats().submitted()).isEqualTo(1);
  }

  @Test
  void preparation_isShownToItsClientOnly_andUntilItIsOver() {
    submit(red, new Order.Setting(CodeRef.OWN, Isolation.NONE, Bytes.utf8("needs")));
    phases.accept("pulling python:3.12, 40 %");
    turn();
    assertThat(red.progress().preparing()).isEqualTo("pulling python:3.12, 40 %");
    submit(blue);
    assertThat(blue.progress().preparing()).isEmpty();

    prepared.run();
    turn();
    assertThat(red.progress().preparing()).isEmpty();
    assertThat(running).containsKeys("red 1", "blue 1");
  }

  @Test
  void explain_knowsTheJobsOfItsOwnRunOnly() {
    submit(red);
    submit(red);

    assertThat(red.explain(2)).isNotNull();
    assertThat(blue.explain(2)).isNull();
  }

  @Test
  void cancelEverything_endsTheJobsOfOneClient() {
    ToldJob ofRed = submit(red);
    ToldJob ofBlue = submit(blue);

    red.cancelEverything();
    turn();
    turn();

    assertThat(ofRed.end())
        .isInstanceOfSatisfying(
            JobEnd.Ended.class, end -> assertThat(end.cause()).isEqualTo(Cause.CANCELLED));
    assertThat(ofBlue.end()).isNull();
    assertThat(running).containsOnlyKeys("blue 1");
  }

  @Test
  void giveUp_endsTheWaitingJobsOfOneClient() {
    submit(red);
    submit(red);
    ToldJob waitingOfRed = submit(red, new CodeRef.Bundle(Bytes.utf8("code of nobody")));
    ToldJob waitingOfBlue = submit(blue);

    red.giveUp("There is no reason.");
    turn();

    assertThat(waitingOfRed.end()).isInstanceOf(JobEnd.Ended.class);
    assertThat(waitingOfBlue.end()).isNull();
  }

  @Test
  void code_comesFromTheClient_thatHasIt() {
    ToldJob job = submit(blue, new CodeRef.Bundle(Bytes.utf8("code of blue")));
    turn();

    assertThat(job.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(askedFor).containsExactly("red", "blue");
  }

  @Test
  void close_endsTheJobsOfOneClient_andHasItsCodeForgotten() {
    ToldJob ofRed = submit(red, new CodeRef.Bundle(Bytes.utf8("code of red")));
    ToldJob ofBlue = submit(blue, new CodeRef.Bundle(Bytes.utf8("code of blue")));
    turn();

    red.close();
    turn();
    turn();

    assertThat(ofRed.end()).isInstanceOf(JobEnd.Ended.class);
    assertThat(closedCode).containsExactly("red");
    assertThat(ofBlue.status()).isEqualTo(JobStatus.RUNNING);

    end("blue 1", "still there");
    assertThat(valueOf(ofBlue)).isEqualTo("still there");
    assertThat(closedCode).containsExactly("red");
    head.open("red", CodeLibrary.NONE, OutcomeLog.NONE);
  }
}
