package dev.grain.node.link;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.bytes.Bytes;
import dev.grain.loop.ManualLoop;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The detached jobs of a node with two cores, from one link of their head to the next. */
final class HeadLinkKeptTest {
  private static final String KEPT = "run";
  private static final long MOST_KEPT = 1_000;
  private static final AttemptEnd VALUE = new AttemptEnd.Value(Bytes.utf8("value"));

  private final ManualLoop loop = new ManualLoop();
  private final NodeEngine engine =
      new NodeEngine("node", Offer.of(cpu(2), Offer.EMPTY), loop, new EngineLimits(16, 64));
  // by the number of the job
  private final Map<Long, JobRunner.Events> running = new LinkedHashMap<>();
  private final List<Long> stopped = new ArrayList<>();
  private Consumer<@Nullable AttemptEnd> prepared = _ -> {};
  private final List<Message.Drain> drains = new ArrayList<>();
  private final List<Message> sent = new ArrayList<>();

  private HeadLink link() {
    return new HeadLink(
        engine,
        (_, _) ->
            new Equipment(Runners.NONE.with(Work.Kind.CALL, this::start), new HeldCode(), () -> {}),
        Long.MAX_VALUE,
        KEPT,
        MOST_KEPT,
        drains::add);
  }

  private JobRunner.Running start(
      Order order, Allocation allocation, Ready ready, JobRunner.Events events) {
    running.put(order.number(), events);
    return () -> stopped.add(order.number());
  }

  /** Is ready when the test says so. */
  private final class HeldCode implements CodeAccess {
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
    public void onContent(Bytes hash, Bytes content) {}

    @Override
    public void onMissing(Bytes hash, String reason) {}

    @Override
    public void close() {}
  }

  private HeadLink opened(@Nullable HeadLink former) {
    HeadLink link = link();
    if (former != null) {
      link.takeOver(former);
      former.leave();
    }
    link.open(
        new Link<>() {
          @Override
          public void send(Message.ToHead message) {
            sent.add(message);
          }

          @Override
          public void flush() {}
        });
    turn();
    return link;
  }

  /** Returns a link that has taken over what the other one had, and has no connection. */
  private HeadLink orphaned(HeadLink former) {
    HeadLink orphaned = link();
    orphaned.takeOver(former);
    former.leave();
    turn();
    sent.clear();
    return orphaned;
  }

  private void order(HeadLink link, long number, CodeRef code) {
    Order.Spec spec = Orders.spec(Demand.of(cpu(1)), Order.Limits.NONE, code);
    link.received(Orders.of(number, 1, false, spec, Bytes.empty()));
    link.batchEnded();
    turn();
  }

  private void order(HeadLink link, long number) {
    order(link, number, CodeRef.OWN);
  }

  private void end(long number) {
    JobRunner.Events events = running.remove(number);
    assertThat(events).isNotNull();
    events.ended(VALUE);
    turn();
  }

  private void settle(HeadLink link, long number) {
    link.received(new Message.Settled(number, 1));
    link.batchEnded();
    turn();
  }

  private void turn() {
    loop.pass(1);
  }

  private static Message.Holding holding(long number, Message.Held held, long ran) {
    return new Message.Holding(number, 1, held, Fractions.NONE, ran);
  }

  @AfterEach
  void checkInvariants() {
    engine.checkInvariants();
  }

  @Test
  void drain_isPassedOn() {
    HeadLink link = opened(null);
    link.received(new Message.Drain(false));
    link.received(new Message.Drain(true));
    assertThat(drains).containsExactly(new Message.Drain(false), new Message.Drain(true));
  }

  @Test
  void open_withoutJobs_saysThatThereAreNone() {
    opened(null);
    assertThat(sent).containsExactly(new Message.HoldingAll());
  }

  @Test
  void jobs_runAndStartWithoutAConnection_andTheNextLinkTellsOfThem() {
    HeadLink first = opened(null);
    order(first, 2);
    order(first, 4);
    order(first, 6);
    order(first, 8);
    HeadLink orphaned = orphaned(first);
    end(2);
    assertThat(running).containsOnlyKeys(4L, 6L);
    assertThat(stopped).isEmpty();
    assertThat(orphaned.keptJobs()).isEqualTo(3);
    assertThat(sent).isEmpty();

    opened(orphaned);
    assertThat(sent)
        .startsWith(
            holding(4, Message.Held.RUNNING, ran(4)),
            holding(6, Message.Held.RUNNING, ran(6)),
            holding(2, Message.Held.ENDED, 0),
            holding(8, Message.Held.WAITING, 0),
            new Message.HoldingAll())
        .anyMatch(message -> message instanceof Message.Ended ended && ended.job() == 2);
    sent.clear();
    end(4);
    assertThat(sent)
        .anyMatch(message -> message instanceof Message.Ended ended && ended.job() == 4);
  }

  private long ran(long number) {
    return sent.stream()
        .filter(each -> each instanceof Message.Holding holding && holding.job() == number)
        .mapToLong(each -> ((Message.Holding) each).ran())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void end_isToldByEachLink_untilItIsSettled() {
    HeadLink first = opened(null);
    order(first, 2);
    end(2);
    assertThat(first.hasUnsettled()).isTrue();
    HeadLink second = opened(first);
    HeadLink third = opened(second);
    assertThat(sent.stream().filter(Message.Ended.class::isInstance)).hasSize(3);

    settle(third, 2);
    assertThat(third.hasUnsettled()).isFalse();
    sent.clear();
    opened(third);
    assertThat(sent).containsExactly(new Message.HoldingAll());
  }

  @Test
  void settled_whileItRuns_isStopped_andNothingIsReportedOfIt() {
    HeadLink link = opened(null);
    order(link, 2);
    order(link, 4);
    order(link, 6);
    sent.clear();
    settle(link, 2);
    assertThat(stopped).containsExactly(2L);
    // what it still holds is not the head's
    assertThat(sent)
        .singleElement()
        .isInstanceOfSatisfying(
            Message.OthersHold.class, held -> assertThat(held.holdings().jobs()).isEqualTo(1));

    sent.clear();
    end(2);
    assertThat(sent).noneMatch(message -> message instanceof Message.Ended);
    assertThat(running).containsKeys(4L, 6L);
    assertThat(link.keptJobs()).isEqualTo(2);
  }

  @Test
  void settled_whileItWaits_isForgotten() {
    HeadLink link = opened(null);
    order(link, 2, new CodeRef.Bundle(Bytes.utf8("code")));
    sent.clear();
    settle(link, 2);
    assertThat(link.keepsSomething()).isFalse();
    assertThat(sent).isEmpty();
  }

  @Test
  void code_thatHasNotCome_isAskedForAgain() {
    Bytes hash = Bytes.utf8("code");
    HeadLink first = opened(null);
    order(first, 2, new CodeRef.Bundle(hash));
    HeadLink orphaned = orphaned(first);
    opened(orphaned);
    assertThat(sent)
        .containsExactly(
            holding(2, Message.Held.WAITING, 0),
            new Message.HoldingAll(),
            new Message.NeedCode(hash));
    prepared.accept(null);
    turn();
    assertThat(running).containsOnlyKeys(2L);
  }

  @Test
  void output_withoutAConnection_isKept_andWhatIsTooMuchIsCounted() {
    HeadLink first = opened(null);
    order(first, 2);
    HeadLink orphaned = orphaned(first);
    Bytes large = Bytes.of(new byte[1 << 20]);
    running.get(2L).printed(large, false);
    turn();
    running.get(2L).printed(Bytes.utf8("lost"), false);
    turn();
    end(2);
    opened(orphaned);
    assertThat(sent).contains(new Message.Output(2, 1, large, false));
    assertThat(sent)
        .anyMatch(message ->
            message instanceof Message.Output output
                && output.text().length() < 1_000
                && output.text().utf8().startsWith("[... 4 bytes of output were dropped"));
  }

  @Test
  void output_thatTheHeadHasNotReceived_goesToItsNextLife_beforeTheEnd() {
    HeadLink first = opened(null);
    order(first, 2);
    order(first, 4);
    end(4);
    List<Message> unsent =
        List.of(
            printed(2, 1, "runs"),
            new Message.Started(2, 1, Fractions.NONE),
            printed(4, 1, "ended"),
            printed(2, 2, "of another attempt"),
            printed(6, 1, "of another run"));
    first.keepOutput(unsent);
    HeadLink orphaned = orphaned(first);
    running.get(2L).printed(Bytes.utf8("later"), false);
    turn();
    opened(orphaned);
    assertThat(sent)
        .filteredOn(
            message -> message instanceof Message.Output || message instanceof Message.Ended)
        .containsExactly(
            printed(2, 1, "runs"),
            printed(4, 1, "ended"),
            printed(2, 1, "later"),
            new Message.Ended(4, 1, VALUE, 1));
  }

  private static Message.Output printed(long job, int attempt, String text) {
    return new Message.Output(job, attempt, Bytes.utf8(text), false);
  }

  @Test
  void ends_thatTakeTooMuch_letNoMoreJobsStart_untilTheyAreSettled() {
    HeadLink link = opened(null);
    order(link, 2);
    JobRunner.Events events = running.remove(2L);
    events.ended(new AttemptEnd.Value(Bytes.of(new byte[(int) MOST_KEPT + 1])));
    turn();
    order(link, 4);
    assertThat(running).isEmpty();
    settle(link, 2);
    assertThat(running).containsOnlyKeys(4L);
  }

  @Test
  void leave_stopsAndForgetsAll() {
    HeadLink first = opened(null);
    order(first, 2);
    order(first, 4);
    end(2);
    HeadLink orphaned = orphaned(first);
    orphaned.leave();
    turn();
    assertThat(stopped).containsExactly(4L);
    end(4);
    assertThat(orphaned.hasUnsettled()).isFalse();
    assertThat(engine.startedCount()).isZero();
  }
}
