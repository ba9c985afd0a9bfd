package dev.grain.head;

import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.loop.ManualLoop;
import dev.grain.message.Message;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A node that asks for code gets it, at the pace at which it takes it. */
final class CodeRequestsTest {
  private final ManualLoop loop = new ManualLoop();
  private final Deque<Runnable> lookedFor = new ArrayDeque<>();
  private final RecordingLink link = new RecordingLink();
  private final CodeRequests requests = new CodeRequests(loop, this::find, link);

  private void find(Bytes hash, Consumer<Message.ToNode> answer) {
    lookedFor.add(() -> answer.accept(new Message.CodeContent(hash, hash)));
  }

  private static Bytes hash(int number) {
    return Bytes.of(ByteBuffer.allocate(32).putInt(number).array());
  }

  private void findOne() {
    lookedFor.remove().run();
    loop.pass(0);
  }

  @Test
  void add_ofMany_looksForAFewAtATime_inOrder() {
    for (int number = 0; number < 10; number++) {
      requests.add(hash(number));
    }
    assertThat(lookedFor).hasSize(CodeRequests.MOST_AT_ONCE);

    for (int number = 0; number < 10; number++) {
      findOne();
      assertThat(lookedFor).hasSizeLessThanOrEqualTo(CodeRequests.MOST_AT_ONCE);
    }
    assertThat(link.sent)
        .extracting(message -> ((Message.CodeContent) message).hash())
        .containsExactly(
            hash(0), hash(1), hash(2), hash(3), hash(4), hash(5), hash(6), hash(7), hash(8),
            hash(9));
  }

  @Test
  void add_ofTheSameAgain_whileItWaits_isOneRequest() {
    link.congested = true;
    for (int time = 0; time < 1000; time++) {
      requests.add(hash(7));
    }
    link.congested = false;
    requests.answer();
    findOne();

    assertThat(link.sent).hasSize(1);
    assertThat(lookedFor).isEmpty();
  }

  @Test
  void answer_toANodeThatTakesNothing_waits() {
    link.congested = true;
    for (int number = 0; number < 100_000; number++) {
      requests.add(hash(number));
    }
    assertThat(lookedFor).isEmpty();

    link.congested = false;
    requests.answer();
    int answered = 0;
    for (; !lookedFor.isEmpty(); answered++) {
      findOne();
    }
    assertThat(answered).isEqualTo(CodeRequests.MOST_WAITING);
  }

  @Test
  void add_ofWhatIsNoHash_isIgnored() {
    requests.add(Bytes.of(new byte[33]));

    assertThat(lookedFor).isEmpty();
  }

  @Test
  void close_dropsWhatIsFoundAfterwards() {
    requests.add(hash(1));
    requests.close();
    findOne();

    assertThat(link.sent).isEmpty();
  }
}
