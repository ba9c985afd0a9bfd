package dev.grain.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.bytes.Bytes;
import dev.grain.loop.ManualLoop;
import dev.grain.message.AttemptEnd;
import dev.grain.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What two peers make of the room that their large values share at a head. */
final class ArrivalsTest {
  private static final int CHUNK = 1_000;
  private static final int MOST = 50_000;
  private static final SessionLimits LIMITS =
      new SessionLimits(CHUNK, 500, MOST, 100_000, 20, 2_000, 1_000_000);

  private final ManualLoop loop = new ManualLoop();
  private final Arrivals arrivals = new Arrivals(MOST);
  private final SessionPair one;
  private final SessionPair other;

  ArrivalsTest() throws WireException {
    one = pair();
    other = pair();
  }

  private SessionPair pair() throws WireException {
    SessionPair pair = new SessionPair(LIMITS, loop, arrivals);
    pair.toHead.room = 1;
    return pair;
  }

  @Test
  void value_withoutRoom_waitsAtItsSenderUntilOthersAreHere() throws WireException {
    Message.Ended first = ended(1, 40_000);
    Message.Ended second = ended(1, 30_000);
    send(one, first);
    send(other, second);
    one.deliverToHead();
    settle(other);
    assertThat(chunks(other)).isLessThan(5);
    assertThat(other.headHeard.messages).isEmpty();

    settle(one);
    settle(other);

    assertThat(one.headHeard.messages).containsExactly(first);
    assertThat(other.headHeard.messages).containsExactly(second);
    assertThat(one.toNode.all).noneMatch(Frame.Hold.class::isInstance);
  }

  @Test
  void values_thatFitTogether_arriveTogether() throws WireException {
    send(one, ended(1, 25_000));
    send(other, ended(1, 25_000));
    one.deliverToHead();
    settle(other);

    assertThat(other.headHeard.messages).hasSize(1);
  }

  @Test
  void messages_behindAHeldValue_overtakeIt() throws WireException {
    Message.Ended small = ended(2, 100);
    send(one, ended(1, 40_000));
    one.deliverToHead();
    send(other, ended(1, 30_000));
    settle(other);
    send(other, small);
    settle(other);

    assertThat(other.headHeard.messages).containsExactly(small);
  }

  @Test
  void held_lostWithItsConnection_isToldAgain() throws WireException {
    send(one, ended(1, 40_000));
    one.deliverToHead();
    send(other, ended(1, 30_000));
    settle(other);
    other.cut();
    other.connect();
    settle(other);
    assertThat(other.headHeard.messages).isEmpty();

    settle(one);
    settle(other);

    assertThat(other.headHeard.messages).hasSize(1);
  }

  @Test
  void room_grantedWithoutAConnection_isThereOnTheNextOne() throws WireException {
    send(one, ended(1, 40_000));
    one.deliverToHead();
    send(other, ended(1, 30_000));
    settle(other);
    other.cut();
    settle(one);
    other.connect();
    settle(other);

    assertThat(other.headHeard.messages).hasSize(1);
  }

  @Test
  void session_thatIsOver_leavesItsRoomToOthers() throws WireException {
    send(one, ended(1, 40_000));
    one.deliverToHead();
    send(other, ended(1, 30_000));
    settle(other);

    one.head.close();
    settle(other);

    assertThat(other.headHeard.messages).hasSize(1);
  }

  @Test
  void session_thatIsOverWhileItWaits_takesNoTurn() throws WireException {
    send(one, ended(1, 40_000));
    one.deliverToHead();
    send(other, ended(1, 30_000));
    settle(other);
    other.head.close();
    SessionPair third = pair();
    send(third, ended(1, 45_000));
    settle(one);
    settle(third);

    assertThat(third.headHeard.messages).hasSize(1);
  }

  @Test
  void manyValues_overConnectionsThatBreak_allArriveOnce() throws WireException {
    SplittableRandom random = new SplittableRandom(7);
    List<SessionPair> pairs = List.of(one, other, pair(), pair());
    for (SessionPair pair : pairs) {
      for (int job = 0; job < 20; job++) {
        send(pair, ended(job, 1 + random.nextInt(MOST)));
      }
    }
    for (int step = 0; step < 20_000; step++) {
      SessionPair pair = pairs.get(random.nextInt(pairs.size()));
      if (random.nextInt(200) == 0) {
        pair.cut();
        pair.connect();
        pair.toHead.room = 1;
      } else if (random.nextBoolean()) {
        pair.deliverToHead();
      } else {
        pair.deliverToNode();
      }
      loop.pass(1_000);
    }
    pairs.forEach(ArrivalsTest::settle);

    for (SessionPair pair : pairs) {
      assertThat(pair.headHeard.messages.stream().map(MessageFields::job).sorted().toList())
          .isEqualTo(jobs(20));
      assertThat(pair.node.outboxBytes()).isZero();
    }
  }

  @Test
  void room_forAValueThatNeverBegan_isAnError() {
    assertThatThrownBy(() -> one.node.receive(new Frame.Hold(1)))
        .isInstanceOf(WireException.class)
        .hasMessage("The peer holds value 1, but the last one has the number 0.");
    assertThatThrownBy(() -> one.node.receive(new Frame.GoOn(1)))
        .isInstanceOf(WireException.class)
        .hasMessage("The peer has room for value 1, but the last one has the number 0.");
  }

  // ---------------------------------------------------------------- parts

  private static void send(SessionPair pair, Message.ToHead message) {
    pair.node.send(message);
    pair.node.flush();
  }

  private static void settle(SessionPair pair) {
    try {
      pair.deliverAll();
    } catch (WireException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private static long chunks(SessionPair pair) {
    return pair.toHead.all.stream().filter(Frame.Chunk.class::isInstance).count();
  }

  private static List<Long> jobs(int count) {
    List<Long> jobs = new ArrayList<>();
    for (long job = 0; job < count; job++) {
      jobs.add(job);
    }
    return jobs;
  }

  private static Message.Ended ended(long job, int length) {
    return new Message.Ended(job, 1, new AttemptEnd.Value(Bytes.of(new byte[length])), 3);
  }
}
