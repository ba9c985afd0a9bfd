package dev.grain;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What may go to a job and come back: how large, how deep, and the error if it may not. */
@ExtendWith(NothingLeft.class)
final class JobValuesTest {
  private static final int LARGE = 256 * 1024 * 1024;

  record Order(String name, List<Item> items) {}

  record Item(Map<String, Object> parts) {}

  /** A list that is linked by hand, to be as deep as one likes. */
  static final class Link implements java.io.Serializable {
    private static final long serialVersionUID = 1;
    @Nullable Link next;
  }

  static Link chain(int length) {
    Link first = new Link();
    for (int link = 1; link < length; link++) {
      Link before = new Link();
      before.next = first;
      first = before;
    }
    return first;
  }

  private static Order withThread() {
    return new Order("first", List.of(new Item(Map.of("wheel", Thread.currentThread()))));
  }

  // ---- large

  static byte[] fill(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 7);
    return bytes;
  }

  static int lengthOf(byte[] bytes) {
    assertThat(bytes[bytes.length - 1]).isEqualTo((byte) 7);
    return bytes.length;
  }

  @Test
  void result_ofAQuarterOfTheHeap_arrives() {
    Grain.runCombine(() -> {
      byte[] result = Grain.exec(cpu(1), JobValuesTest::fill, LARGE);
      assertThat(lengthOf(result)).isEqualTo(LARGE);
    });
  }

  @Test
  void argument_ofAQuarterOfTheHeap_arrives() {
    Grain.runCombine(() -> {
      int length = Grain.exec(cpu(1), JobValuesTest::lengthOf, fill(LARGE));
      assertThat(length).isEqualTo(LARGE);
    });
  }

  @Test
  void argument_thatIsTooLarge_isRefused() {
    int size = Math.toIntExact(RunLimits.valueBytes() + 1);
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), JobValuesTest::lengthOf, new byte[size]))
          .isInstanceOf(EncodingException.class)
          .hasMessageContaining("argument 1");
      int after = Grain.exec(cpu(1), Math::abs, -1);
      assertThat(after).isEqualTo(1);
    });
  }

  @Test
  void result_thatIsTooLarge_failsTheJobNamingTheLimitAndTheWayOut() {
    int size = Math.toIntExact(RunLimits.valueBytes() + 1);
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), JobValuesTest::fill, size))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("Job 1 failed on local")
          .hasMessageContaining("result cannot be encoded")
          .hasMessageContaining("more than the limit of %s bytes", RunLimits.valueBytes())
          .hasMessageContaining(
              "send less, pass the name of a file, or give the program a larger heap")
          .hasCauseInstanceOf(EncodingException.class);
      int after = Grain.exec(cpu(1), Math::abs, -1);
      assertThat(after).isEqualTo(1);
    });
  }

  // ---- what cannot be encoded

  @Test
  void argument_thatCannotBeEncoded_namesThePath() {
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), Order::name, withThread()))
          .isInstanceOf(EncodingException.class)
          .hasMessageContaining("argument 1")
          .hasMessageContaining("items")
          .hasMessageContaining("wheel")
          .hasMessageContaining("java.lang.Thread");
      int after = Grain.exec(cpu(1), Math::abs, -1);
      assertThat(after).isEqualTo(1);
    });
  }

  @Test
  void capture_thatCannotBeEncoded_namesThePath() {
    Order captured = withThread();
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), () -> captured.name()))
          .isInstanceOf(EncodingException.class)
          .hasMessageContaining("Order")
          .hasMessageContaining("wheel");
    });
  }

  @Test
  void result_thatCannotBeEncoded_failsItsJobNamingThePath() {
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), JobValuesTest::withThread))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("result")
          .hasMessageContaining("wheel")
          .hasCauseInstanceOf(EncodingException.class);
    });
  }

  // ---- deep

  @Test
  void argument_thatIsTooDeep_saysSo() {
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), link -> link, chain(100_000)))
          .isInstanceOfAny(EncodingException.class, JobFailedException.class)
          .hasMessageContaining("flatten the structure");
      int after = Grain.exec(cpu(1), Math::abs, -1);
      assertThat(after).isEqualTo(1);
    });
  }

  @Test
  void result_thatIsTooDeep_failsItsJob() {
    Grain.runCombine(() -> {
      assertThatThrownBy(() -> Grain.exec(cpu(1), JobValuesTest::chain, 100_000))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("flatten the structure");
    });
  }

  // ---- null, and what is shared

  @Test
  void nulls_goBothWays() {
    Grain.runCombine(() -> {
      String nothing = Grain.exec(cpu(1), (String text) -> text == null ? null : "not null", null);
      assertThat(nothing).isNull();
    });
  }

  @Test
  void argument_changedByTheJob_isUnchangedInTheProgram() {
    Grain.runCombine(() -> {
      int[] numbers = {1, 2, 3};
      Grain.exec(cpu(1), (int[] given) -> Arrays.fill(given, 9), numbers);
      assertThat(numbers).containsExactly(1, 2, 3);
    });
  }
}
