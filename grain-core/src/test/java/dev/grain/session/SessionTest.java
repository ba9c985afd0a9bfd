package dev.grain.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.Message;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Fractions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What two sessions make of a connection. */
final class SessionTest {
  private static final int CHUNK = 1_000;
  private static final SessionLimits LIMITS =
      new SessionLimits(CHUNK, 500, 50_000, 100_000, 20, 2_000, 1_000_000);

  private final SessionPair pair;

  SessionTest() throws WireException {
    pair = new SessionPair(LIMITS);
  }

  // ---------------------------------------------------------------- batches and acknowledgements

  @Test
  void flush_afterManyMessages_sendsFewFrames() throws WireException {
    List<Message> messages = sendStops(100);
    assertThat(pair.toNode.all).isEmpty();

    pair.head.flush();
    pair.deliverAll();

    assertThat(pair.toNode.all).hasSize(10).allMatch(Frame.Messages.class::isInstance);
    assertThat(pair.nodeHeard.messages).isEqualTo(messages);
  }

  @Test
  void batchEnded_afterSeveralFrames_isToldOnce() throws WireException {
    sendStops(30);
    pair.head.flush();
    for (Frame frame : pair.toNode.flying) {
      pair.node.receive(frame);
    }
    assertThat(pair.nodeHeard.batches).isZero();

    pair.node.batchEnded();
    pair.node.batchEnded();

    assertThat(pair.nodeHeard.batches).isEqualTo(1);
  }

  @Test
  void acknowledgement_ofFewMessages_waitsForItsDelay() throws WireException {
    sendStops(19);
    pair.head.flush();
    while (pair.deliverToNode()) {}
    assertThat(pair.toHead.all).isEmpty();
    assertThat(pair.head.outboxBytes()).isPositive();

    pair.loop.pass(LIMITS.acknowledgeDelay());
    pair.deliverToHead();

    assertThat(pair.toHead.all).containsExactly(new Frame.Ack(19));
    assertThat(pair.head.outboxBytes()).isZero();
  }

  @Test
  void acknowledgement_ofMoreMessages_goesAtTheEndOfTheBatch() throws WireException {
    sendStops(20);
    pair.head.flush();
    pair.toNode.flying.forEach(this::nodeReceives);
    assertThat(pair.toHead.all).isEmpty();

    pair.node.batchEnded();

    assertThat(pair.toHead.all).containsExactly(new Frame.Ack(20));
    assertThat(pair.toHead.flushed).isTrue();
  }

  @Test
  void acknowledgement_whenSomethingIsSent_goesWithIt() throws WireException {
    sendStops(1);
    pair.head.flush();
    pair.deliverToNode();

    pair.node.send(new Message.Returned(0, 1));
    pair.node.flush();
    pair.loop.pass(LIMITS.acknowledgeDelay());

    assertThat(pair.toHead.all).hasSize(2).startsWith(new Frame.Ack(1));
  }

  @Test
  void unsent_isWhatNoConnectionHasCarried() throws WireException {
    sendStops(5);
    pair.head.flush();
    assertThat(pair.head.unsent()).isEmpty();
    pair.cut();
    List<Message> later = sendStops(25);
    assertThat(pair.head.unsent()).isEqualTo(later);

    // what may have arrived is sent again, and is no more certain than before
    pair.connect();
    pair.cut();
    assertThat(pair.head.unsent()).isEmpty();
  }

  // ---------------------------------------------------------------- large values

  @Test
  void largeValue_goesInChunks_andArrivesWhole() throws WireException {
    Order run = run(1, value(10_500));

    send(run);
    pair.deliverAll();

    assertThat(pair.toNode.all)
        .filteredOn(Frame.Chunk.class::isInstance)
        .hasSize(11)
        .allMatch(frame -> ((Frame.Chunk) frame).data().length() <= CHUNK);
    assertThat(pair.nodeHeard.messages).containsExactly(run);
    assertThat(pair.head.outboxBytes()).isZero();
  }

  @Test
  void largeValues_ofEachKindOfMessage_arrive() throws WireException {
    List<Message.ToHead> toHead =
        List.of(
            new Message.Ended(1, 1, new AttemptEnd.Value(value(700)), 3),
            new Message.Ended(2, 1, new AttemptEnd.Failure(value(800), "failed"), 3),
            new Message.Output(3, 1, value(900), true),
            new Message.NeedCode(value(600)));
    List<Message.ToNode> toNode =
        List.of(
            new Message.CodeContent(value(600), value(3_000)),
            new Message.CodeMissing(value(600), "gone"),
            new Order(
                "r",
                8,
                9,
                1,
                true,
                new Order.Spec(
                    "n",
                    Demand.NONE,
                    new Order.Limits(5, 7),
                    new Work.Call(value(601), true),
                    new Order.Setting(new CodeRef.Bundle(value(603)))),
                value(602)));

    toHead.forEach(pair.node::send);
    toNode.forEach(pair.head::send);
    pair.node.flush();
    pair.head.flush();
    pair.deliverAll();

    assertThat(pair.headHeard.messages).containsExactlyInAnyOrderElementsOf(toHead);
    assertThat(pair.nodeHeard.messages).containsExactlyInAnyOrderElementsOf(toNode);
    assertThat(pair.head.outboxBytes() + pair.node.outboxBytes()).isZero();
  }

  @Test
  void smallMessages_ofOtherJobs_overtakeALargeOne() throws WireException {
    pair.toNode.room = 1;
    send(run(1, value(20_000)));
    send(new Message.Stop(2, 1));

    assertThat(framesUntil(new Message.Stop(2, 1))).isLessThanOrEqualTo(2);
    pair.deliverAll();

    assertThat(jobs()).containsExactly(2L, 1L);
  }

  @Test
  void messages_ofTheSameJob_stayBehindALargeOne() throws WireException {
    pair.toNode.room = 1;
    List<Message.ToNode> aboutIt =
        List.of(
            new Message.TakeBack(1, 1),
            run(1, value(5_000)),
            new Message.Stop(1, 1),
            run(1, value(700)),
            new Message.TakeBack(1, 2),
            new Message.Stop(1, 2));
    aboutIt.forEach(pair.head::send);
    pair.head.send(new Message.Stop(2, 1));
    pair.head.flush();
    pair.deliverAll();

    assertThat(pair.nodeHeard.messages)
        .filteredOn(message -> MessageFields.job(message) == 1)
        .isEqualTo(aboutIt);
    assertThat(jobs().indexOf(2L)).isEqualTo(1);
  }

  @Test
  void largeMessage_behindManySmallOnesOfItsJob_doesNotOvertakeThem() throws WireException {
    pair.toNode.room = 1;
    for (int i = 1; i <= 200; i++) {
      pair.head.send(new Message.Stop(1, i));
    }
    pair.head.send(run(1, value(600)));
    pair.head.flush();
    pair.deliverAll();

    assertThat(pair.nodeHeard.messages).hasSize(201).last().isInstanceOf(Order.class);
  }

  @Test
  void largeValues_takeTurns_fourAtATime() throws WireException {
    pair.toNode.room = 1;
    for (int job = 1; job <= 6; job++) {
      pair.head.send(run(job, value(4_000)));
    }
    pair.head.send(new Message.CodeContent(value(1), value(4_000)));
    pair.head.flush();
    pair.deliverAll();

    List<Long> turns =
        pair.toNode.all.stream()
            .filter(Frame.Chunk.class::isInstance)
            .map(frame -> ((Frame.Chunk) frame).value())
            .toList();
    assertThat(turns).startsWith(1L, 2L, 3L, 4L, 7L, 1L, 2L, 3L, 4L, 7L).hasSize(28);
    assertThat(turns.subList(20, 28)).containsExactly(5L, 6L, 5L, 6L, 5L, 6L, 5L, 6L);
  }

  @Test
  void chunks_amongManySmallMessages_getEverySecondFrame() throws WireException {
    pair.toNode.room = 1;
    pair.head.send(run(1_000, value(5_000)));
    sendStops(100);
    pair.head.flush();
    pair.deliverAll();

    List<String> kinds =
        pair.toNode.all.stream().limit(10).map(frame -> frame.getClass().getSimpleName()).toList();
    assertThat(kinds)
        .isEqualTo(
            Collections.nCopies(5, List.of("Chunk", "Messages")).stream()
                .flatMap(List::stream)
                .toList());
  }

  @Test
  void valueOverTheLimit_isRefusedAlone_andNotSentOn() throws WireException {
    pair.toNode.room = 1;
    Order tooLarge = run(1, value(50_001));
    Order allowed = run(2, value(50_000));

    send(tooLarge);
    send(new Message.Stop(1, 1));
    send(allowed);
    pair.deliverAll();

    assertThat(pair.nodeHeard.refused).containsExactly(50_001L);
    assertThat(pair.nodeHeard.messages)
        .containsExactly(run(1, Bytes.empty()), new Message.Stop(1, 1), allowed);
    assertThat(pair.toNode.all.stream().filter(frame -> isChunkOf(frame, 1))).hasSizeLessThan(5);
    assertThat(pair.head.outboxBytes()).isZero();
  }

  // ---------------------------------------------------------------- back-pressure

  @Test
  void flush_toAConnectionThatIsNotWritable_waits() throws WireException {
    pair.toNode.room = 2;
    List<Message> messages = sendStops(100);
    pair.head.flush();
    assertThat(pair.toNode.flying).hasSize(2);

    pair.deliverToNode();
    assertThat(pair.toNode.flying).hasSize(2);

    pair.deliverAll();
    assertThat(pair.nodeHeard.messages).isEqualTo(messages);
  }

  @Test
  void flush_ofMoreThanAPass_goesOnInAnotherTask() throws WireException {
    send(run(1, value(40_000)));
    int first = pair.toNode.flying.size();
    assertThat(first).isLessThan(40);

    pair.loop.pass(0);

    assertThat(pair.toNode.flying).hasSize(41);
  }

  @Test
  void congestion_beginsOverTheBound_andEndsAtHalfOfIt() throws WireException {
    pair.toNode.room = 1;
    for (int job = 1; job <= 2; job++) {
      send(run(job, value(45_000)));
    }
    assertThat(pair.head.isCongested()).isFalse();
    send(run(3, value(45_000)));
    assertThat(pair.head.isCongested()).isTrue();

    while (pair.head.outboxBytes() > LIMITS.congestion() / 2) {
      assertThat(pair.head.isCongested()).isTrue();
      assertThat(pair.headHeard.congestionEnds).isZero();
      pair.deliverToNode();
      pair.deliverToHead();
      pair.loop.pass(0);
    }
    assertThat(pair.head.isCongested()).isFalse();
    pair.deliverAll();

    assertThat(pair.headHeard.congestionEnds).isEqualTo(1);
  }

  @Test
  void chunks_thatAreAcknowledged_leaveTheOutbox() throws WireException {
    pair.toNode.room = 2;
    send(run(1, value(40_000)));
    long before = pair.head.outboxBytes();
    for (int i = 0; i < 20; i++) {
      pair.deliverToNode();
      pair.deliverToHead();
    }
    assertThat(before - pair.head.outboxBytes()).isBetween(17_000L, 20_000L);
  }

  // ---------------------------------------------------------------- resuming

  @Test
  void sentWithoutAConnection_goesWithTheNextOne() throws WireException {
    pair.cut();
    List<Message> messages = sendStops(5);
    pair.head.flush();

    pair.connect();
    pair.deliverAll();

    assertThat(pair.nodeHeard.messages).isEqualTo(messages);
  }

  @Test
  void cut_afterAnyNumberOfFrames_losesAndRepeatsNothing() throws WireException {
    boolean all = false;
    for (int frames = 0; !all; frames++) {
      SessionPair cut = new SessionPair(LIMITS);
      cut.toNode.room = 3;
      cut.toHead.room = 3;
      List<Message.ToNode> toNode = mixedToNode();
      List<Message.ToHead> toHead = mixedToHead();
      toNode.forEach(cut.head::send);
      toHead.forEach(cut.node::send);
      cut.head.flush();
      cut.node.flush();
      for (int i = 0; i < frames; i++) {
        all = !(i % 2 == 0 ? cut.deliverToNode() : cut.deliverToHead());
      }
      cut.cut();
      cut.connect();
      cut.deliverAll();

      assertSameByJob(cut.nodeHeard.messages, toNode);
      assertSameByJob(cut.headHeard.messages, toHead);
      assertThat(cut.head.outboxBytes() + cut.node.outboxBytes()).isZero();
    }
  }

  @Test
  void manyCuts_atRandom_loseAndRepeatNothing() throws WireException {
    for (int seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      SessionPair cut = new SessionPair(LIMITS);
      List<Message.ToNode> toNode = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        switch (random.nextInt(12)) {
          case 0 -> {
            cut.cut();
            cut.connect();
            cut.toNode.room = 1 + random.nextInt(4);
            cut.head.flush();
          }
          case 1, 2, 3 -> {
            Message.ToNode message =
                random.nextInt(4) == 0
                    ? run(random.nextInt(6), value(random.nextInt(9_000)))
                    : new Message.Stop(random.nextInt(6), i);
            toNode.add(message);
            cut.head.send(message);
          }
          case 4, 5 -> cut.head.flush();
          case 6 -> cut.loop.pass(random.nextInt(2_000_000));
          case 7, 8 -> cut.deliverToHead();
          default -> cut.deliverToNode();
        }
      }
      cut.head.flush();
      cut.deliverAll();

      assertSameByJob(cut.nodeHeard.messages, toNode);
      assertThat(cut.head.outboxBytes()).isZero();
    }
  }

  @Test
  void refusal_lostWithItsConnection_isToldAgain() throws WireException {
    pair.toNode.room = 1;
    send(run(1, value(60_000)));
    pair.deliverToNode();
    pair.cut();
    pair.connect();
    pair.toNode.room = 1;
    pair.deliverAll();

    assertThat(pair.nodeHeard.refused).containsExactly(60_000L);
    assertThat(pair.toNode.all).hasSizeLessThan(25);
  }

  @Test
  void attach_behindWhatWasNeverSent_isRefused() throws WireException {
    sendStops(3);
    pair.head.flush();
    pair.deliverAll();
    pair.cut();

    assertThatThrownBy(() -> pair.head.attach(pair.toNode, 4))
        .isInstanceOf(WireException.class)
        .hasMessage(
            "The peer wants to resume after number 4, but it has acknowledged 3, and 3 was sent.");
    assertThatThrownBy(() -> pair.head.attach(pair.toNode, 2)).isInstanceOf(WireException.class);
  }

  // ---------------------------------------------------------------- wrong frames

  @Test
  void frame_thatCameBefore_isDropped() throws WireException {
    pair.node.receive(new Frame.Messages(1, List.of(new Message.Stop(1, 1))));
    pair.node.receive(
        new Frame.Messages(1, List.of(new Message.Stop(1, 1), new Message.Stop(2, 1))));
    pair.node.receive(new Frame.Messages(1, List.of(new Message.Stop(1, 1))));

    assertThat(jobs()).containsExactly(1L, 2L);
    assertThat(pair.node.received()).isEqualTo(2);
  }

  @Test
  void frame_behindAGap_isAnError() {
    assertWrong(
        "A frame begins with number 2, but number 1 is next.",
        new Frame.Messages(2, List.of(new Message.Stop(1, 1))));
    assertWrong(
        "A frame begins with number 0, but number 1 is next.",
        new Frame.Messages(0, List.of(new Message.Stop(1, 1))));
    assertWrong(
        "A frame begins with number 7, but number 1 is next.", new Frame.Chunk(7, 1, 0, value(1)));
  }

  @Test
  void frame_thatDoesNotFitTheOthers_isAnError() {
    assertWrong("The peer acknowledges number 1, but only 0 was sent.", new Frame.Ack(1));
    assertWrong(
        "The peer refuses value 1, but the last one has the number 0.", new Frame.TooLarge(1));
    assertWrong(
        "The peer sent Draining, which only the other side sends.",
        new Frame.Messages(1, List.of(new Message.Draining())));
    assertWrong(
        "A message came before its value 1 was complete.",
        new Frame.Large(1, run(1, Bytes.empty()), List.of(new Frame.Part(1, 1))));
    assertWrong(
        "A chunk of value 1 has 10 bytes and leaves 50, but 90 are missing.",
        new Frame.Chunk(1, 1, 90, value(10)),
        new Frame.Chunk(2, 1, 50, value(10)));
    assertWrong(
        "A chunk of value 1 has 0 bytes and leaves 50.", new Frame.Chunk(1, 1, 50, Bytes.empty()));
    assertWrong(
        "Value 1 is said to be field 3 of a message that has 3.",
        new Frame.Chunk(1, 1, 0, value(10)),
        new Frame.Large(2, run(1, Bytes.empty()), List.of(new Frame.Part(3, 1))));
  }

  @Test
  void chunks_ofMoreValuesThanMayWait_areAnError() throws WireException {
    SessionPair pair = new SessionPair(LIMITS);
    for (int number = 1; number <= Inbox.MOST_OPEN; number++) {
      pair.node.receive(new Frame.Chunk(number, number, 0, value(1)));
    }
    int more = Inbox.MOST_OPEN + 1;

    assertThatThrownBy(() -> pair.node.receive(new Frame.Chunk(more, more, 0, value(1))))
        .isInstanceOf(WireException.class)
        .hasMessage(
            "Value 16385 begins while 16384 others wait for their messages; that many may.");
  }

  @Test
  void refusals_ofValuesWhoseMessagesHaveCome_areNotKept() throws WireException {
    SessionPair pair = new SessionPair(LIMITS);
    pair.toHead.room = 0;
    long tooLarge = LIMITS.value();
    for (int number = 1; number <= 20; number += 2) {
      pair.node.receive(new Frame.Chunk(number, number, tooLarge, value(1)));
      pair.node.receive(
          new Frame.Large(number + 1, run(1, Bytes.empty()), List.of(new Frame.Part(1, number))));
    }
    pair.toHead.room = Integer.MAX_VALUE;
    pair.node.onWritable();

    assertThat(pair.nodeHeard.refused).hasSize(10);
    assertThat(pair.toHead.all).noneMatch(Frame.TooLarge.class::isInstance);
  }

  private static void assertWrong(String message, Frame... frames) {
    assertThatThrownBy(
            () -> {
              SessionPair fresh = new SessionPair(LIMITS);
              for (Frame frame : frames) {
                fresh.node.receive(frame);
              }
            })
        .isInstanceOf(WireException.class)
        .hasMessage(message);
  }

  // ---------------------------------------------------------------- parts

  private void nodeReceives(Frame frame) {
    try {
      pair.node.receive(frame);
    } catch (WireException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private void send(Message.ToNode message) {
    pair.head.send(message);
    pair.head.flush();
  }

  private List<Message> sendStops(int count) {
    List<Message> messages = new ArrayList<>();
    for (int job = 0; job < count; job++) {
      Message.Stop stop = new Message.Stop(job, 1);
      pair.head.send(stop);
      messages.add(stop);
    }
    return messages;
  }

  private int framesUntil(Message message) throws WireException {
    int frames = 0;
    while (!pair.nodeHeard.messages.contains(message)) {
      assertThat(pair.deliverToNode()).isTrue();
      frames++;
    }
    return frames;
  }

  private List<Long> jobs() {
    return pair.nodeHeard.messages.stream().map(MessageFields::job).toList();
  }

  private static boolean isChunkOf(Frame frame, long value) {
    return frame instanceof Frame.Chunk chunk && chunk.value() == value;
  }

  private static List<Message.ToNode> mixedToNode() {
    return List.of(
        new Message.Stop(9, 9),
        run(1, value(4_500)),
        run(2, value(100)),
        new Message.Stop(1, 1),
        run(3, value(2_500)),
        new Message.CodeContent(value(32), value(3_000)),
        new Message.TakeBack(2, 1),
        run(1, value(1_500)),
        new Message.Stop(1, 2));
  }

  private static List<Message.ToHead> mixedToHead() {
    return List.of(
        new Message.Started(1, 1, Fractions.NONE),
        new Message.Output(1, 1, value(2_000), false),
        new Message.Freed(1, 1, 5),
        new Message.Ended(1, 1, new AttemptEnd.Value(value(3_500)), 5),
        new Message.Started(2, 1, Fractions.NONE),
        new Message.Ended(2, 1, new AttemptEnd.Failure(value(10), "failed"), 5),
        new Message.NeedCode(value(32)));
  }

  private static void assertSameByJob(
      List<? extends Message> received, List<? extends Message> sent) {
    assertThat(byJob(received)).isEqualTo(byJob(sent));
  }

  private static Map<Long, List<Message>> byJob(List<? extends Message> messages) {
    Map<Long, List<Message>> byJob = new HashMap<>();
    for (Message message : messages) {
      byJob.computeIfAbsent(MessageFields.job(message), _ -> new ArrayList<>()).add(message);
    }
    return byJob;
  }

  private static Order run(long job, Bytes arguments) {
    return Orders.of(
        job, 1, false, Orders.spec(Demand.NONE, Order.Limits.NONE, CodeRef.OWN), arguments);
  }

  private static Bytes value(int length) {
    byte[] bytes = new byte[length];
    new SplittableRandom(length).nextBytes(bytes);
    return Bytes.of(bytes);
  }
}
